import { type JSX, type ParentProps, Show } from 'solid-js';

interface CardProps extends ParentProps {
  title: string;
  /** Beside the title, in grey. */
  note?: JSX.Element;
  /** At the right end of the head. */
  actions?: JSX.Element;
  /** Columns of twelve on a wide screen. */
  span?: 4 | 5 | 7 | 8 | 12;
  /** The body brings its own margins. */
  flush?: boolean;
}

export function Card(props: CardProps) {
  return (
    <section class='card' data-span={props.span} aria-label={props.title}>
      <div class='card-head'>
        <h2>{props.title}</h2>
        <Show when={props.note}>
          <span class='note'>{props.note}</span>
        </Show>
        <span class='spring' />
        {props.actions}
      </div>
      <div class='card-body' data-flush={props.flush ? '' : undefined}>{props.children}</div>
    </section>
  );
}
