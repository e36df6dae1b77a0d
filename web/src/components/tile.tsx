import { Show } from 'solid-js';

interface TileProps {
  name: string;
  value: string;
  unit?: string;
  /** Course of the figure, oldest first; the sample below says it in words. */
  course?: readonly (number | null)[];
  id?: string;
}

export function Tile(props: TileProps) {
  return (
    <div class='tile' data-tile={props.id}>
      <dt>{props.name}</dt>
      <dd>
        {props.value}
        <Show when={props.unit && props.value !== '–'}>
          <small>{props.unit}</small>
        </Show>
      </dd>
      <Show when={props.course}>{(course) => <Spark course={course()} />}</Show>
    </div>
  );
}

const WIDTH = 100;
const HEIGHT = 30;

function Spark(props: { course: readonly (number | null)[] }) {
  const line = () => sparkLine(props.course);
  return (
    <svg
      class='spark'
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio='none'
      aria-hidden='true'
    >
      <path data-part='area' d={line() && `${line()}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`} />
      <path data-part='line' d={line()} />
    </svg>
  );
}

/** From zero to the highest value, so that a flat course looks flat. */
export function sparkLine(course: readonly (number | null)[]): string {
  if (course.length < 2) return '';
  const most = Math.max(1e-9, ...course.map((value) => value ?? 0));
  const step = WIDTH / (course.length - 1);
  return course.map((value, index) => {
    const y = HEIGHT - 2 - ((value ?? 0) / most) * (HEIGHT - 6);
    return `${index === 0 ? 'M' : 'L'}${(index * step).toFixed(1)} ${y.toFixed(1)}`;
  }).join('');
}
