import { createVirtualizer } from '@tanstack/solid-virtual';
import { type Accessor, createEffect, createMemo, For, type JSX, Show } from 'solid-js';
import { isServer } from 'solid-js/web';

/** Pixels of a row where no style sheet says: on the server. */
const ROW_PX = 30;
/** Rows drawn beyond both edges, so that fast scrolling shows no gaps. */
const OVERSCAN = 8;

interface VirtualRowsProps<Row> {
  rows: readonly Row[];
  /** What scrolls. */
  place: Accessor<HTMLElement | undefined>;
  /** Pixels the server draws, which knows no window. */
  firstHeight: number;
  /** Pixels above what is in sight, to begin with. */
  firstOffset?: number | undefined;
  children: (row: Row) => JSX.Element;
  /** Told the index of the last row in sight. */
  onReach?: (last: number) => void;
}

/** A table's body of which only what is in sight is drawn; rows keep their elements while they stay. */
export function VirtualRows<Row>(props: VirtualRowsProps<Row>) {
  const height = rowHeight();
  const virtual = createVirtualizer({
    get count() {
      return props.rows.length;
    },
    getScrollElement: () => props.place() ?? null,
    estimateSize: () => height,
    overscan: OVERSCAN,
    initialOffset: props.firstOffset ?? 0,
    initialRect: { width: 1_000, height: props.firstHeight },
  });
  const seen = createMemo(
    () => {
      const items = virtual.getVirtualItems();
      return { from: items[0]?.index ?? 0, to: (items.at(-1)?.index ?? -1) + 1 };
    },
    undefined,
    { equals: (a, b) => a.from === b.from && a.to === b.to },
  );
  const drawn = createMemo(() => props.rows.slice(seen().from, seen().to));
  createEffect(() => props.onReach?.(seen().to - 1));

  return (
    <tbody>
      <Gap rows={seen().from} />
      <For each={drawn()}>{props.children}</For>
      <Gap rows={Math.max(0, props.rows.length - seen().to)} />
    </tbody>
  );
}

/** Holds the place of rows that are not drawn; one cell, as a phone shows fewer columns. */
function Gap(props: { rows: number }) {
  return (
    <Show when={props.rows > 0}>
      <tr aria-hidden='true'>
        <td style={{ height: `calc(${props.rows} * var(--row))` }} />
      </tr>
    </Show>
  );
}

/** Pixels of `--row`, which grows with the reader's font. */
function rowHeight(): number {
  if (isServer) return ROW_PX;
  const root = getComputedStyle(document.documentElement);
  const rems = Number.parseFloat(root.getPropertyValue('--row'));
  return rems * Number.parseFloat(root.fontSize) || ROW_PX;
}
