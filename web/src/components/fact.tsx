/** A line of a list of facts (`dl`); a dash where nothing is known. */
export function Fact(props: { name: string; value: string | null; wide?: boolean }) {
  return (
    <div data-wide={props.wide ? '' : undefined}>
      <dt>{props.name}</dt>
      <dd>{props.value ?? '–'}</dd>
    </div>
  );
}
