/** Programs that are published as Go modules, built once. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { lastLines, runTool, type ToolResult } from '../engines/run-tool.ts';

export interface GoPrograms {
  /** `module version`, as go.mod writes it. */
  module: readonly [path: string, version: string];
  /** Lines of go.mod beside it: what a module replaces in itself is not replaced for others. */
  replace?: readonly string[];
  /** Program and the package it is made of. */
  programs: Readonly<Record<string, string>>;
  /** Variables the linker sets: `package.name=value`. */
  variables?: readonly string[];
}

/** Builds into `folder/bin`; what is compiled is kept in Go's own cache, so a second try goes on there. */
export async function goBuild(folder: string, wanted: GoPrograms): Promise<void> {
  const [path, version] = wanted.module;
  writeFileSync(join(folder, 'go.mod'), goMod(wanted));
  writeFileSync(join(folder, 'tools.go'), toolsGo(Object.values(wanted.programs)));
  mkdirSync(join(folder, 'bin'));
  await go(folder, `Cannot fetch ${path} ${version}`, ['mod', 'tidy']);
  const linker = ['-s', '-w', ...(wanted.variables ?? []).flatMap((one) => ['-X', one])];
  for (const [program, source] of Object.entries(wanted.programs)) {
    const output = join('bin', program);
    console.error(`Building ${program} ${version}`);
    await go(folder, `Cannot build ${program}`, [
      'build',
      '-ldflags',
      linker.join(' '),
      '-o',
      output,
      source,
    ]);
  }
}

/** The folder of a module's source, fetched when it is not there yet. */
export async function goModuleFolder(folder: string, module: string): Promise<string> {
  const { output } = await go(folder, `Cannot fetch ${module}`, [
    'mod',
    'download',
    '-json',
    module,
  ]);
  const found = /"Dir": "([^"]+)"/.exec(output)?.[1];
  if (!found) throw new Error(`Cannot fetch ${module}: go says\n${lastLines(output)}`);
  return found;
}

async function go(cwd: string, failure: string, args: readonly string[]): Promise<ToolResult> {
  const flags = [process.env['GOFLAGS'], '-mod=mod', '-trimpath', '-buildvcs=false'];
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: flags.filter(Boolean).join(' ') };
  const result = await runTool('go', args, { cwd, env });
  if (result.code === 0) return result;
  if (result.code === undefined) {
    throw new Error(`${failure}: Go is missing; install 1.25 or newer from https://go.dev/dl`);
  }
  throw new Error(`${failure}: go ${args[0]} says\n${lastLines(result.output)}`);
}

function goMod({ module, replace = [] }: GoPrograms): string {
  return [
    'module helios/tools',
    'go 1.25.0',
    `require ${module.join(' ')}`,
    ...replace.map((line) => `replace ${line}`),
    '',
  ].join('\n');
}

/** Never compiled: it tells Go which packages the module needs. */
function toolsGo(packages: readonly string[]): string {
  const imports = packages.map((one) => `import _ "${one}"`);
  return ['//go:build tools', 'package tools', ...imports, ''].join('\n');
}
