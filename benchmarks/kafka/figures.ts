/** Everything a run of `npm run bench:kafka` found, as it is kept in `--json FILE`. */
import os from 'node:os';
import { runtimeName, runtimeVersion } from '#shared/runtime/runtime.ts';
import type { MessageSizes } from './control.ts';
import type { CostFit } from './fit.ts';
import type { FusedFigures } from './fused.ts';
import type { IngestFigures } from './ingest.ts';
import type { SliceFigures } from './slices.ts';
import type { Step } from './steps.ts';

export interface Figures {
  /** `2026-11-23`. */
  day: string;
  runtime: string;
  machine: string;
  partitions: number;
  profiles: number;
  seconds: number;
  /** Bytes of an auction on each topic, as the broker stores them. */
  sizes?: MessageSizes | undefined;
  /** ms of CPU per second of everything that is there while the rates are measured, without auctions. */
  idle: { name: string; msPerS: number }[];
  distributed: Step[];
  /** On kafkajs as it comes. */
  control: Step[];
  /** On the exchange's own client; absent in older files. */
  ownControl?: Step[] | undefined;
  /** Of the distributed shape. */
  fits: CostFit[];
  controlFits: CostFit[];
  fused?: FusedFigures | undefined;
  ingest?: IngestFigures | undefined;
  slices: SliceFigures[];
}

export function emptyFigures(
  options: Pick<Figures, 'partitions' | 'profiles' | 'seconds'>,
): Figures {
  const memory = Math.round(os.totalmem() / 2 ** 30);
  return {
    day: new Date().toISOString().slice(0, 10),
    runtime: `${runtimeName} ${runtimeVersion}`,
    machine: `${os.cpus().length} × ${
      os.cpus()[0]?.model.trim()
    }, ${memory} GiB, ${os.type()} ${os.release()}`,
    ...options,
    idle: [],
    distributed: [],
    control: [],
    fits: [],
    controlFits: [],
    slices: [],
  };
}
