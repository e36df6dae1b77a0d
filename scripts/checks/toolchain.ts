/** Where the tools of the checks are: as packages, or on the PATH when there is none for the platform. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { type RuntimeName, runtimeName } from '#shared/runtime/runtime.ts';

export interface Binary {
  command: string;
  version: string;
}

const PLACES: Record<RuntimeName, { bundled: string; least: readonly number[] }> = {
  node: { bundled: 'node_modules/.bin/node', least: [24] },
  deno: { bundled: 'node_modules/@deno/linux-x64-glibc/deno', least: [2, 9, 6] },
};

/** The binary of a runtime that is new enough, or in words why there is none. */
export function findRuntime(name: RuntimeName): Binary | string {
  const { bundled, least } = PLACES[name];
  const command = name === runtimeName ? process.execPath : existsSync(bundled) ? bundled : name;
  const found = spawnSync(command, ['--version'], { encoding: 'utf8' });
  const wanted = `${name} ${least.join('.')} or newer`;
  if (found.status !== 0) {
    return `there is no package of it for ${process.platform}-${process.arch}; install ${wanted}`;
  }
  const version = /\d+\.\d+\.\d+/.exec(found.stdout)?.[0] ?? '0.0.0';
  if (isOlder(version, least)) return `${version} is too old; install ${wanted}`;
  return { command, version };
}

/** Arguments that make a runtime run a JavaScript file. */
export function runArguments(name: RuntimeName, file: string): string[] {
  return name === 'deno' ? ['run', '-A', file] : [file];
}

function isOlder(version: string, least: readonly number[]): boolean {
  const parts = version.split('.').map(Number);
  const at = least.findIndex((number, i) => number !== parts[i]);
  return at !== -1 && parts[at]! < least[at]!;
}
