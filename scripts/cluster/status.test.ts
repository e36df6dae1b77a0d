import { expect, test } from 'vitest';
import { sumOf } from './figures.ts';
import { changeLine, statusLine, type StatusRow, statusTable } from './status.ts';

const ROW: StatusRow = {
  name: 'gateway-1',
  runtime: 'node',
  pid: 4711,
  url: 'http://127.0.0.1:8080',
  state: { kind: 'ready' },
  upMs: 3_725_000,
  restarts: 0,
  cpu: 0.126,
  rssMiB: 101.4,
  figure: '12 requests/s',
};
const WAITING: StatusRow = {
  ...ROW,
  name: 'auction-2',
  state: { kind: 'not ready', reason: 'bus (kafka): Kafka does not answer' },
  upMs: 61_000,
  restarts: 1,
  cpu: NaN,
  figure: undefined,
};
const GONE: StatusRow = {
  ...WAITING,
  name: 'web-1',
  pid: 0,
  state: { kind: 'ended', how: 'SIGKILL' },
  restarts: 0,
};

test('statusTable() shows each process in a line', () => {
  const lines = statusTable([ROW, WAITING, GONE]).split('\n').map((line) =>
    line.split(/ {2,}/).map((cell) => cell.trim()).join('|')
  );
  expect(lines.slice(1)).toEqual([
    'gateway-1|node|4711|127.0.0.1:8080|ready|1:02:05|0|13 %|101 MiB|12 requests/s',
    'auction-2|node|4711|127.0.0.1:8080|not ready|1:01|1|-|101 MiB|bus (kafka): Kafka does not answer',
    'web-1|node|-|127.0.0.1:8080|SIGKILL|-|0|-|-',
  ]);
});

test('statusLine() counts who is ready', () => {
  const line = statusLine([ROW, WAITING, GONE], 1_234);
  expect(line).toBe('Helios cluster: 1 of 3 processes ready, lag 1,234');
  expect(statusLine([], undefined)).toContain('Kafka does not answer');
});

test('changeLine() says what has become of a process', () => {
  expect([ROW, WAITING, GONE].map(changeLine)).toEqual([
    'gateway-1     ready  node  pid 4711  http://127.0.0.1:8080',
    'auction-2     not ready: bus (kafka): Kafka does not answer',
    'web-1         ended: SIGKILL',
  ]);
  expect(changeLine({ ...ROW, state: { kind: 'starting', reason: '' } })).toBe(
    'gateway-1     starting',
  );
});

test('sumOf() sums one metric over its labels', () => {
  const text = `# TYPE helios_bids_total counter
helios_bids_total{group="house",seat="atlas"} 3
helios_bids_total{group="house",seat="meridian"} 4.5
helios_bids_total_other 100
helios_no_bids_total 7`;
  expect(sumOf(text, 'helios_bids_total')).toBe(7.5);
  expect(sumOf(text, 'helios_no_bids_total')).toBe(7);
  expect(sumOf(text, 'helios_auctions_total')).toBe(0);
});
