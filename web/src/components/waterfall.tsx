import { For } from 'solid-js';
import { milliseconds } from '../lib/format.ts';

interface WaterfallProps {
  groups: readonly { group: string; tookMs: number; seats: readonly { seat: string }[] }[];
  missing: readonly string[];
  tookMs: number;
}

/** One line per bidding group, and the whole auction under them, on one scale of time. */
export function Waterfall(props: WaterfallProps) {
  const most = () => Math.max(0.001, props.tookMs, ...props.groups.map(({ tookMs }) => tookMs));
  return (
    <div class='waterfall'>
      <For each={props.groups}>
        {({ group, tookMs, seats }) => (
          <>
            <span>
              {group}
              <br />
              <small class='muted'>{seats.map(({ seat }) => seat).join(', ')}</small>
            </span>
            <Lane ms={tookMs} most={most()} hue='group' />
            <span class='n'>{milliseconds(tookMs)} ms</span>
          </>
        )}
      </For>
      <For each={props.missing}>
        {(group) => (
          <>
            <span>{group}</span>
            <Lane ms={most()} most={most()} hue='missing' />
            <span class='n'>no answer</span>
          </>
        )}
      </For>
      <span>Auction</span>
      <Lane ms={props.tookMs} most={most()} hue='auction' />
      <span class='n'>{milliseconds(props.tookMs)} ms</span>
    </div>
  );
}

function Lane(props: { ms: number; most: number; hue: 'group' | 'missing' | 'auction' }) {
  return (
    <svg viewBox='0 0 100 10' preserveAspectRatio='none' aria-hidden='true'>
      <rect
        data-hue={props.hue}
        x='0'
        y='1'
        height='8'
        rx='1'
        width={Math.max(1, (props.ms / props.most) * 100)}
      />
    </svg>
  );
}
