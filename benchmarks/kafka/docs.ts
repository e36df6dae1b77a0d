/** Puts the figures of a run between the marks of docs/scale.md and benchmarks/README.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { PROJECT_DIR } from '../../scripts/load/runtime-command.ts';
import type { Figures } from './figures.ts';
import { markdown } from './report.ts';
import { scaleBlocks } from './scale.ts';

/** Files by block: `<!-- NAME -->` begins one, `<!-- /NAME -->` ends it. */
const README = 'benchmarks/README.md';
const SCALE = 'docs/scale.md';

export function writeDocs(figures: Figures): void {
  rewrite(README, { 'kafka.ts': markdown(figures) });
  rewrite(SCALE, scaleBlocks(figures, availableParallelism()));
}

/** @throws when a mark is missing: the text was changed without its blocks. */
export function replaceBlocks(text: string, blocks: Record<string, string>): string {
  let changed = text;
  for (const [name, block] of Object.entries(blocks)) {
    const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const from = changed.indexOf(begin);
    const to = changed.indexOf(end);
    if (from < 0 || to < from) throw new Error(`There is no block ${begin} … ${end}`);
    changed = `${changed.slice(0, from + begin.length)}\n\n${block}\n\n${changed.slice(to)}`;
  }
  return changed;
}

function rewrite(name: string, blocks: Record<string, string>): void {
  const file = PROJECT_DIR + name;
  writeFileSync(file, replaceBlocks(readFileSync(file, 'utf8'), blocks));
}
