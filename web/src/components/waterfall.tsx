import { For, Show } from 'solid-js';
import type { AuctionAnswer } from '../lib/answers.ts';
import { milliseconds } from '../lib/format.ts';
import { type Step, waterfallOf } from '../lib/waterfall.ts';
import { Card } from './card.tsx';
import { CopyButton } from './copy-button.tsx';

/** An auction's steps on one scale of time; the same as a table for who cannot see the bars. */
export function Waterfall(props: { auction: AuctionAnswer }) {
  const fall = () => waterfallOf(props.auction);
  const traceId = () => props.auction.imps[0]!.trace_id;
  const deadline = () => {
    const { deadlineMs } = fall();
    return deadlineMs === null ? undefined : `deadline after ${milliseconds(deadlineMs)} ms`;
  };
  const undated = () => fall().steps.some(({ startMs }) => startMs === null);
  return (
    <Card title='What happened when' note={deadline()}>
      <table class='waterfall'>
        <caption class='hidden-text'>
          Steps of the auction, in ms from the request's arrival
        </caption>
        <thead>
          <tr>
            <th scope='col'>Step</th>
            <th class='scale' aria-hidden='true'>
              <span>0</span>
              <span>{milliseconds(fall().endMs)} ms</span>
            </th>
            <th scope='col' class='n'>Begins, ms</th>
            <th scope='col' class='n'>Takes, ms</th>
          </tr>
        </thead>
        <tbody>
          <For each={fall().steps}>{(step) => <Row step={step} endMs={fall().endMs} />}</For>
        </tbody>
      </table>
      <p class='muted'>
        <Show
          when={!undated()}
          fallback='When its steps began is not known of this auction: bars show how long each took.'
        >
          The publisher is answered when the ledger has the outcome.
        </Show>
      </p>
      <div class='trace-id'>
        <span>Trace id</span>
        <code>{traceId()}</code>
        <CopyButton label='Copy trace id' text={traceId} />
      </div>
    </Card>
  );
}

function Row(props: { step: Step; endMs: number }) {
  const step = () => props.step;
  return (
    <tr data-kind={step().kind} data-inner={step().inner ? '' : undefined}>
      <th scope='row'>
        {step().name}
        <Show when={step().note}>
          <small class='muted'>{step().note}</small>
        </Show>
      </th>
      <td class='lane' aria-hidden='true'>
        <Lane startMs={step().startMs ?? 0} tookMs={step().tookMs} endMs={props.endMs} />
      </td>
      <td class='n'>{begins(step().startMs)}</td>
      <td class='n'>{milliseconds(step().tookMs)}</td>
    </tr>
  );
}

function begins(startMs: number | null): string {
  return startMs === 0 ? '0' : milliseconds(startMs);
}

/** Percent of the scale: what is shorter could not be seen. */
const WIDTH_LEAST = 0.8;

function Lane(props: { startMs: number; tookMs: number; endMs: number }) {
  const width = () => Math.min(100, Math.max(WIDTH_LEAST, (props.tookMs / props.endMs) * 100));
  const x = () => Math.min(100 - width(), (props.startMs / props.endMs) * 100);
  return (
    <svg viewBox='0 0 100 10' preserveAspectRatio='none'>
      <For each={[25, 50, 75]}>
        {(at) => <line x1={at} x2={at} y1='0' y2='10' vector-effect='non-scaling-stroke' />}
      </For>
      <rect x={x()} y='1.5' height='7' width={width()} />
    </svg>
  );
}
