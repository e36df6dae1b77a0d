/** Tells how far a run is: a bar that is drawn over on a terminal, a line now and then elsewhere. */
import type { WriteStream } from 'node:tty';

const BAR_LENGTH = 24;
const DRAW_INTERVAL_MS = 250;
const LINE_INTERVAL_MS = 5_000;

export interface Progress {
  /** Ends the drawing and leaves the cursor at the start of an empty line. */
  end(): void;
}

/**
 * @param state asked at every drawing: how much of the run is done (0 to 1, undefined when it has
 * no end) and the words beside the bar
 */
export function showProgress(
  output: Pick<WriteStream, 'isTTY' | 'write' | 'columns'>,
  state: () => { done?: number; text: string },
): Progress {
  const draw = () => {
    const { done, text } = state();
    if (!output.isTTY) return output.write(text + '\n');
    const line = done === undefined ? text : `${bar(done)} ${text}`;
    return output.write(`\r\x1b[2K${line.slice(0, (output.columns || 80) - 1)}`);
  };
  const timer = setInterval(draw, output.isTTY ? DRAW_INTERVAL_MS : LINE_INTERVAL_MS);
  return {
    end() {
      clearInterval(timer);
      if (output.isTTY) output.write('\r\x1b[2K');
    },
  };
}

function bar(done: number): string {
  const full = Math.round(BAR_LENGTH * Math.min(1, done));
  return `[${'#'.repeat(full)}${'.'.repeat(BAR_LENGTH - full)}] ${
    Math.floor(100 * Math.min(1, done))
  } %`;
}
