/** What stands where data would: nothing yet, not yet here, or a failure. */
import { HttpStatusCode } from '@solidjs/start';
import { type JSX, type ParentProps, Show } from 'solid-js';
import { isServer } from 'solid-js/web';
import type { Problem } from '../lib/api.ts';

export function Empty(props: ParentProps<{ title: string; action?: JSX.Element }>) {
  return (
    <div class='state'>
      <strong>{props.title}</strong>
      <p>{props.children}</p>
      {props.action}
    </div>
  );
}

/**
 * On the server the page has its status, so that who watches pages hears of it.
 * @param props.error a {@link Problem}, or whatever was thrown.
 */
export function Failure(props: { error: unknown; retry?: () => void }) {
  const told = () =>
    isNotLoaded(props.error) ? NOT_LOADED : (props.error ?? {}) as Partial<Problem>;
  return (
    <div class='state' role='alert'>
      {isServer && <HttpStatusCode code={told().status || UNAVAILABLE} />}
      <strong>{told().status === 0 ? 'The exchange does not answer' : REFUSED}</strong>
      <p>{told().message ?? String(props.error)}</p>
      <Show when={!isRefusal(told())}>
        <Show
          when={props.retry}
          fallback={<a class='button' href='' target='_self'>Try again</a>}
        >
          <button class='button' type='button' onClick={() => props.retry!()}>Try again</button>
        </Show>
      </Show>
    </div>
  );
}

const UNAVAILABLE = 503;
const REFUSED = 'This could not be shown';

/** In the place of the browser's words about modules. */
const NOT_LOADED: Problem = {
  status: 0,
  message: 'This page could not be fetched: the exchange is away, or was renewed meanwhile.',
};

/** The code of a page did not come; each browser says so in other words. */
function isNotLoaded(error: unknown): boolean {
  return error instanceof TypeError && /\bmodule\b/.test(error.message);
}

/** What was asked is not allowed: the same question has the same answer again. */
function isRefusal({ status }: Partial<Problem>): boolean {
  return status === 400;
}

/** Takes the room of what is under way. */
export function Skeleton(props: { height: string }) {
  return <div class='skeleton' style={{ height: props.height }} aria-hidden='true' />;
}

/** In the place of a small chart that is on its way, or that did not come. */
export function NoChart(props: { loading: boolean; problem?: Problem | undefined }) {
  return (
    <Show
      when={props.loading}
      fallback={
        <Empty title={isRefusal(props.problem ?? {}) ? REFUSED : 'Not available just now'}>
          {props.problem?.message ?? 'The warehouse does not answer.'}
        </Empty>
      }
    >
      <Skeleton height='8.5rem' />
    </Show>
  );
}

export function Loading(props: { what: string }) {
  return (
    <div class='stack' role='status'>
      <span class='hidden-text'>Loading {props.what}</span>
      <Skeleton height='2rem' />
      <Skeleton height='7rem' />
      <Skeleton height='22rem' />
    </div>
  );
}
