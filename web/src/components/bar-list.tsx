import { createMemo, For, Show } from 'solid-js';
import { Empty } from './states.tsx';

export interface Bar {
  name: string;
  figure: string;
  share: number;
  href?: string;
}

/** Names with a figure, longest bar first. A name keeps its elements, and its link the focus, while figures change. */
export function BarList(props: { bars: readonly Bar[]; empty: string }) {
  const names = () => props.bars.map(({ name }) => name);
  return (
    <Show
      when={props.bars.length > 0}
      fallback={<Empty title='Nothing yet'>{props.empty}</Empty>}
    >
      <ol class='bars'>
        <For each={names()}>
          {(name) => {
            const bar = createMemo<Bar>(
              (before) => props.bars.find((bar) => bar.name === name) ?? before,
              { name, figure: '', share: 0 },
            );
            return (
              <li>
                <Show when={bar().href} fallback={<span class='name' title={name}>{name}</span>}>
                  {(href) => <a class='name' title={name} href={href()}>{name}</a>}
                </Show>
                <span class='figure'>{bar().figure}</span>
                <progress value={bar().share} max={1} aria-label={`${name}: ${bar().figure}`} />
              </li>
            );
          }}
        </For>
      </ol>
    </Show>
  );
}
