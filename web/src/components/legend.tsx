import { For } from 'solid-js';

/** What the colours of a chart mean, by name. */
export function Legend(props: { of: Record<string, 'accent' | 'won' | 'lost'> }) {
  return (
    <p class='legend'>
      <For each={Object.entries(props.of)}>
        {([name, hue]) => (
          <span>
            <i data-hue={hue} />
            {name}
          </span>
        )}
      </For>
    </p>
  );
}
