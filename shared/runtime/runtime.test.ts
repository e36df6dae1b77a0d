import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { createMetrics } from '../metrics.ts';
import {
  eventLoopDelay,
  memory,
  runtimeCommand,
  runtimeMetrics,
  runtimeName,
  runtimeVersion,
} from './runtime.ts';

test('runtimeName is the runtime the tests were started for', () => {
  expect(runtimeName).toBe(process.env['TEST_RUNTIME'] ?? runtimeName);
  expect(runtimeVersion).toMatch(/^\d+\.\d+\.\d+/);
});

test.each([[['one', '--two']], [['--', 'one', '--two']]])(
  'runtimeCommand() runs a file on the same runtime, programArguments() has its arguments (%j)',
  async (typed) => {
    const file = new URL('./runtime.fixture.ts', import.meta.url);
    const [command, ...args] = runtimeCommand(file, ...typed);
    const { stdout } = await promisify(execFile)(command, args);
    expect(JSON.parse(stdout)).toEqual({ runtimeName, args: ['one', '--two'] });
  },
);

test('eventLoopDelay() sees a pause and forgets nothing of it', async () => {
  const delay = eventLoopDelay();
  expect(delay.read()).toEqual({ p99Ms: 0, maxMs: 0 });
  const until = performance.now() + 200;
  while (performance.now() < until);
  // Timers that were due run in the order they were made, so the sampler has looked before this one.
  await new Promise((resolve) => setTimeout(resolve, 0));
  await once(AbortSignal.timeout(40), 'abort');
  const { p99Ms, maxMs } = delay.read();
  delay.stop();
  expect(maxMs).toBeGreaterThan(150);
  expect(p99Ms).toBe(maxMs);
});

test('memory() tells what the process holds', () => {
  const { rssBytes, heapUsedBytes } = memory();
  expect(heapUsedBytes).toBeGreaterThan(1_000_000);
  expect(rssBytes).toBeGreaterThan(heapUsedBytes);
});

test('runtimeMetrics() tells delay, memory and runtime', async () => {
  const metrics = createMetrics();
  runtimeMetrics(metrics);
  const { text } = await metrics.render();
  expect(text).toContain(`helios_runtime{name="${runtimeName}",version="${runtimeVersion}"} 1`);
  expect(text).toMatch(/helios_memory_bytes\{kind="rss"\} \d{7,}/);
  expect(text).toContain('helios_event_loop_delay_seconds{quantile="0.99"} 0');
});
