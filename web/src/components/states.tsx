/** What stands where data would: nothing yet, not yet here, or a failure. */
import { type JSX, type ParentProps, Show } from 'solid-js';
import { ApiError } from '../lib/api.ts';

export function Empty(props: ParentProps<{ title: string; action?: JSX.Element }>) {
  return (
    <div class='state'>
      <strong>{props.title}</strong>
      <p>{props.children}</p>
      {props.action}
    </div>
  );
}

export function Failure(props: { error: unknown; retry?: () => void }) {
  const away = () => props.error instanceof ApiError && props.error.status === 0;
  return (
    <div class='state' role='alert'>
      <strong>{away() ? 'The exchange does not answer' : 'This could not be shown'}</strong>
      <p>{props.error instanceof Error ? props.error.message : String(props.error)}</p>
      <Show
        when={props.retry}
        fallback={<a class='button' href='' target='_self'>Try again</a>}
      >
        <button class='button' type='button' onClick={() => props.retry!()}>Try again</button>
      </Show>
    </div>
  );
}

/** Takes the room of what is under way. */
export function Skeleton(props: { height: string }) {
  return <div class='skeleton' style={{ height: props.height }} aria-hidden='true' />;
}

/** In the place of a small chart that is on its way, or that the warehouse did not give. */
export function NoChart(props: { loading: boolean }) {
  return (
    <Show
      when={props.loading}
      fallback={<Empty title='Not available just now'>The warehouse does not answer.</Empty>}
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
