import { For } from 'solid-js';

interface SegmentsProps<Value extends string> {
  label: string;
  options: readonly (readonly [value: Value, name: string])[];
  /** Undefined where it is none of them. */
  value: string | undefined;
  onChange(value: Value): void;
}

/** One of a few, all in sight. */
export function Segments<Value extends string>(props: SegmentsProps<Value>) {
  return (
    <div class='segments' role='group' aria-label={props.label}>
      <For each={props.options}>
        {([value, name]) => (
          <button
            type='button'
            aria-pressed={props.value === value}
            onClick={() => props.onChange(value)}
          >
            {name}
          </button>
        )}
      </For>
    </div>
  );
}
