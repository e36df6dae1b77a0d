import { For, Show } from 'solid-js';
import { Empty } from './states.tsx';

export interface Bar {
  name: string;
  figure: string;
  share: number;
  href?: string;
}

/** Names with a figure, longest bar first. */
export function BarList(props: { bars: readonly Bar[]; empty: string }) {
  return (
    <Show
      when={props.bars.length > 0}
      fallback={<Empty title='Nothing yet'>{props.empty}</Empty>}
    >
      <ol class='bars'>
        <For each={props.bars}>
          {(bar) => (
            <li>
              <Show when={bar.href} fallback={<span class='name'>{bar.name}</span>}>
                {(href) => <a class='name' href={href()}>{bar.name}</a>}
              </Show>
              <span class='figure'>{bar.figure}</span>
              <progress value={bar.share} max={1} aria-label={`${bar.name}: ${bar.figure}`} />
            </li>
          )}
        </For>
      </ol>
    </Show>
  );
}
