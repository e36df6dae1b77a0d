/** A part of the checks: what it is called, and what came of it. */
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { findRuntime } from './toolchain.ts';
import type { Binary } from './toolchain.ts';
import type { RuntimeName } from '#shared/runtime/runtime.ts';

export interface Section {
  name: string;
  run(): Promise<Outcome>;
}

export interface Outcome {
  passed: number;
  failed: number;
  /** Why less was done than the name says. */
  note?: string;
  /** What failed and how, a line each: repeated at the end, where people and CI look. */
  failures?: readonly string[];
}

/** Runs all, also after a failure, and ends with the one line people and machines look for. */
export async function runSections(sections: readonly Section[]): Promise<number> {
  const rows: string[] = [];
  const failures: string[] = [];
  const total = { passed: 0, failed: 0 };
  const width = Math.max(...sections.map(({ name }) => name.length)) + 2;
  for (const section of sections) {
    console.log(`\n── ${section.name} ${'─'.repeat(Math.max(2, 76 - section.name.length))}`);
    const begun = performance.now();
    const { passed, failed, note, failures: names = [] } = await section.run();
    const seconds = `${((performance.now() - begun) / 1_000).toFixed(1)} s`;
    total.passed += passed;
    total.failed += failed;
    for (const name of names) failures.push(`✗ ${section.name}: ${name}`);
    const counts = `${passed} passed, ${failed} failed`;
    rows.push(
      `${section.name.padEnd(width)}${counts.padEnd(26)}${seconds.padStart(8)}  ${note ?? ''}`,
    );
    if (note) console.log(note);
  }
  console.log(`\n${'─'.repeat(80)}\n${rows.map((row) => row.trimEnd()).join('\n')}\n`);
  if (failures.length > 0) console.log(`${failures.join('\n')}\n`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 ? 0 : 1;
}

/**
 * Runs `work` with a runtime's binary. Without one it is a plain note for a person, and a failure
 * where nobody would read it: with CI set.
 */
export async function withRuntime(
  name: RuntimeName,
  work: (binary: Binary) => Promise<Outcome>,
): Promise<Outcome> {
  const binary = findRuntime(name);
  if (typeof binary !== 'string') return await work(binary);
  const note = `Left out, ${name} is missing: ${binary}`;
  return { passed: 0, failed: process.env['CI'] ? 1 : 0, note };
}
