/** Runs checks one after the other, because later ones look for what earlier ones did. */
import { describeError } from '#shared/log.ts';
import { BID_CHECKS } from './bid-checks.ts';
import { RECORD_CHECKS } from './record-checks.ts';
import { STATE_CHECKS } from './state-checks.ts';
import { CheckFailed, type SmokeTarget } from './smoke-target.ts';

export interface Skipped {
  skipped: string;
}

export interface Check {
  name: string;
  /** When it fails the run ends: nothing after it could pass. */
  essential?: boolean;
  /** Resolves to a note, or to why it cannot be checked from here; rejects when it failed. */
  run(target: SmokeTarget): Promise<string | Skipped | Finding[]>;
}

/** One line of a check that looks at several things at once. */
export interface Finding {
  name: string;
  ok: boolean;
  note: string;
}

export interface Row {
  name: string;
  result: 'passed' | 'failed' | 'skipped';
  /** Of the whole check; absent on the further lines of one. */
  tookMs?: number;
  note: string;
}

const CHECKS: readonly Check[] = [...STATE_CHECKS, ...BID_CHECKS, ...RECORD_CHECKS];

/** Gives the rows as they come. */
export async function* runChecks(
  target: SmokeTarget,
  checks: readonly Check[] = CHECKS,
): AsyncGenerator<Row> {
  for (const check of checks) {
    const startMs = performance.now();
    const rows = await runCheck(check, target);
    rows[0]!.tookMs = performance.now() - startMs;
    yield* rows;
    if (check.essential && rows.some(({ result }) => result === 'failed')) return;
  }
}

async function runCheck({ name, run }: Check, target: SmokeTarget): Promise<Row[]> {
  try {
    const found = await run(target);
    if (typeof found === 'string') return [{ name, result: 'passed', note: found }];
    if (!Array.isArray(found)) {
      return [{ name, result: 'skipped', note: `skipped: ${found.skipped}` }];
    }
    return found.map((finding): Row => ({
      name: finding.name,
      result: finding.ok ? 'passed' : 'failed',
      note: finding.note,
    }));
  } catch (error) {
    const note = error instanceof CheckFailed ? error.message : describeError(error);
    return [{ name, result: 'failed', note }];
  }
}
