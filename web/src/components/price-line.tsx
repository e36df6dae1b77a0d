import { For, Show } from 'solid-js';
import type { BidFate } from '#shared/model/events.ts';
import { microsToCpm } from '#shared/model/money.ts';
import type { OutcomeAnswer } from '../lib/answers.ts';
import { cpm } from '../lib/format.ts';

const WIDTH = 640;
const LEFT = 24;
const AXIS_Y = 44;
/** Half of a long label, on a phone: one nearer to the left edge begins at its place. */
const LABEL_HALF = 76;
const anchorAt = (x: number): 'start' | 'middle' => x < LABEL_HALF ? 'start' : 'middle';

/** All bids on one scale, with the floor and what the winner pays: the gap is what second price saves. */
export function PriceLine(props: { imp: OutcomeAnswer; fates: readonly BidFate[] }) {
  const most = () =>
    Math.max(props.imp.floor, 0.001, ...props.fates.map((fate) => microsToCpm(fate.priceMicros))) *
    1.08;
  const x = (value: number): number => LEFT + (value / most()) * (WIDTH - 2 * LEFT);
  const summary = () =>
    `Floor ${cpm(props.imp.floor)}, bids ` +
    props.fates.map((fate) => `${fate.seat} ${cpm(microsToCpm(fate.priceMicros))}`).join(', ') +
    (props.imp.price === null ? ', not sold' : `, pays ${cpm(props.imp.price)}`);
  return (
    <svg class='price-line' viewBox={`0 0 ${WIDTH} 84`} role='img' aria-label={summary()}>
      <line data-part='axis' x1={LEFT} x2={WIDTH - LEFT} y1={AXIS_Y} y2={AXIS_Y} />
      <Show when={props.imp.price !== null && props.imp.bid_price !== null}>
        <line
          data-part='span'
          x1={x(props.imp.price!)}
          x2={x(props.imp.bid_price!)}
          y1={AXIS_Y}
          y2={AXIS_Y}
        />
      </Show>
      <line data-part='floor' x1={x(props.imp.floor)} x2={x(props.imp.floor)} y1='28' y2='60' />
      <text x={x(props.imp.floor)} y='76' text-anchor={anchorAt(x(props.imp.floor))}>
        floor {cpm(props.imp.floor)}
      </text>
      <Show when={props.imp.price !== null}>
        <line data-part='pays' x1={x(props.imp.price!)} x2={x(props.imp.price!)} y1='24' y2='58' />
        <text x={x(props.imp.price!)} y='16' text-anchor={anchorAt(x(props.imp.price!))}>
          pays {cpm(props.imp.price)}
        </text>
      </Show>
      <For each={[...props.fates].reverse()}>
        {(fate) => (
          <circle
            data-fate={fate.status}
            cx={x(microsToCpm(fate.priceMicros))}
            cy={AXIS_Y}
            r={fate.status === 'won' ? 7 : 5}
          >
            <title>{fate.seat} {cpm(microsToCpm(fate.priceMicros))}</title>
          </circle>
        )}
      </For>
    </svg>
  );
}
