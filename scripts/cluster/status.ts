/** The cluster as a table: what each process is, how it is, and what it does. */
import { textTable } from '../text-table.ts';
import type { ProcessState } from './supervised.ts';

export interface StatusRow {
  name: string;
  runtime: string;
  /** 0 while it does not run. */
  pid: number;
  url: string;
  state: ProcessState;
  upMs: number;
  restarts: number;
  /** Share of one processor; NaN where that is unknown. */
  cpu: number;
  rssMiB: number;
  figure: string | undefined;
}

const HEAD = ['name', 'runtime', 'pid', 'door', 'state', 'up', 'restarts', 'cpu', 'memory', ''];

export function statusTable(rows: readonly StatusRow[]): string {
  return textTable([HEAD, ...rows.map(cells)]);
}

export function statusLine(rows: readonly StatusRow[], lag: number | undefined): string {
  const ready = rows.filter(({ state }) => state.kind === 'ready').length;
  const behind = lag === undefined ? 'Kafka does not answer' : `lag ${lag.toLocaleString('en-US')}`;
  return `Helios cluster: ${ready} of ${rows.length} processes ready, ${behind}`;
}

/** One line on a change of state, where there is no screen to draw on. */
export function changeLine(row: Pick<StatusRow, 'name' | 'runtime' | 'pid' | 'url' | 'state'>) {
  const { name, runtime, pid, url, state } = row;
  const words = state.kind === 'ready'
    ? ['ready', runtime, `pid ${pid}`, url]
    : state.kind === 'ended'
    ? [`ended: ${state.how}`]
    : [state.reason ? `${state.kind}: ${state.reason}` : state.kind];
  return [name.padEnd(12), ...words].join('  ');
}

function cells(row: StatusRow): string[] {
  const { state, pid, upMs, restarts, cpu, rssMiB } = row;
  const runs = pid !== 0;
  return [
    row.name,
    row.runtime,
    runs ? String(pid) : '-',
    row.url.replace('http://', ''),
    state.kind === 'ended' ? state.how : state.kind,
    runs ? duration(upMs) : '-',
    String(restarts),
    runs && !Number.isNaN(cpu) ? `${Math.round(100 * cpu)} %` : '-',
    runs && !Number.isNaN(rssMiB) ? `${Math.round(rssMiB)} MiB` : '-',
    'reason' in state ? state.reason : row.figure ?? '',
  ];
}

function duration(ms: number): string {
  const s = Math.floor(ms / 1_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(s / 3_600), Math.floor(s / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(s % 60)}` : `${minutes}:${two(s % 60)}`;
}
