/** Starts the processes of a plan and looks after them. */
import { mkdirSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROJECT_DIR, runtimeCommand } from '../load/runtime-command.ts';
import type { ClusterPlan, ProcessPlan } from './plan.ts';
import { askReadiness } from './readiness.ts';
import { SupervisedProcess, type Supervision } from './supervised.ts';

export interface Cluster {
  /** In the order of the plan. */
  readonly processes: readonly SupervisedProcess[];
  /** @throws {RangeError} when there is none. */
  byName(name: string): SupervisedProcess;
  /** Resolves when it has ended; it is started again unless that is off. */
  kill(name: string, signal?: NodeJS.Signals): Promise<void>;
  /** Ends it in order and starts it at once. */
  restart(name: string): Promise<void>;
  /** Resolves when every process is ready; rejects after `ms` with what each still lacks. */
  ready(ms?: number): Promise<void>;
  /** Ends all, one kind after the other along the pipeline. */
  stop(): Promise<void>;
}

export type StartOptions = Partial<Supervision> & Pick<Supervision, 'logDir'>;

/** As a supervisor in production does. */
const RESTART_MS = 1_000;
/** A dozen processes start cold on two cores. */
const READY_MS = 120_000;
const LOOK_MS = 50;

/** Resolves at once: {@link Cluster.ready} waits. Logs of earlier processes are removed. */
export function startCluster(plan: ClusterPlan, options: StartOptions): Cluster {
  rmSync(options.logDir, { recursive: true, force: true });
  mkdirSync(options.logDir, { recursive: true });
  const supervision: Supervision = {
    command: mainCommand,
    look: ({ url }) => askReadiness(url),
    cwd: PROJECT_DIR,
    restart: true,
    restartMs: RESTART_MS,
    onChange: () => {},
    ...options,
  };
  const processes = plan.processes.map((one) => new SupervisedProcess(one, supervision));
  // From the end of the pipeline: what others wait for comes first.
  for (const one of processes.toReversed()) one.start();
  const byName = (name: string): SupervisedProcess => {
    const found = processes.find((one) => one.plan.name === name);
    if (found) return found;
    const names = processes.map((one) => one.plan.name).join(', ');
    throw new RangeError(`There is no process ${name}, only ${names}`);
  };
  return {
    processes,
    byName,
    kill: (name, signal) => byName(name).kill(signal),
    async restart(name) {
      const one = byName(name);
      await one.stop();
      one.start();
    },
    async ready(ms = READY_MS) {
      const giveUpMs = performance.now() + ms;
      for (;;) {
        const not = processes.filter(({ state }) => state.kind !== 'ready');
        if (not.length === 0) return;
        if (performance.now() > giveUpMs) {
          throw new Error(`Not ready after ${ms / 1_000} s: ${not.map(describe).join('; ')}`);
        }
        await sleep(LOOK_MS);
      }
    },
    async stop() {
      for (const role of new Set(processes.map((one) => one.plan.role))) {
        const some = processes.filter((one) => one.plan.role === role);
        await Promise.all(some.map((one) => one.stop()));
      }
    },
  };
}

function mainCommand({ runtime, stages }: ProcessPlan): [string, ...string[]] {
  return [...runtimeCommand(runtime, 'services/main.ts'), ...stages];
}

function describe({ plan, state, logFile }: SupervisedProcess): string {
  const why = 'reason' in state ? state.reason : 'how' in state ? state.how : '';
  return `${plan.name} ${state.kind} (${why}; see ${logFile})`;
}
