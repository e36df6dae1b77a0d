/** A process whose output goes to a file, and that never outlives this one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';

export interface LoggedProcess {
  command: readonly [string, ...string[]];
  cwd: string;
  /** Beside the variables of this process, or instead of them. */
  env?: Record<string, string> | undefined;
  /** Its output is added to this file. */
  log: string;
  /** Removed when this process ends without having ended the other. */
  temporaryDir?: string;
}

/**
 * Not killed by Ctrl-C, which is for this process. `ended` resolves to how: `code 0`, `SIGKILL`.
 * Signals go to its `pid` by `process.kill`: on Deno the second call of `ChildProcess.kill` does
 * nothing.
 */
export function spawnLogged(
  options: LoggedProcess,
): { child: ChildProcess; ended: Promise<string> } {
  const { command, cwd, env, log, temporaryDir } = options;
  // The shell opens the log and becomes the program. A pipe to here would hold the program still
  // whenever this process is busy.
  const child = spawn('sh', ['-c', 'exec "$@" >>"$0" 2>&1', log, ...command], {
    cwd,
    env: { ...process.env, ...env },
    stdio: 'ignore',
    detached: true,
  });
  const release = guard(child.pid!, temporaryDir);
  const ended = once(child, 'exit').then(([code, signal]) => {
    release();
    return code === null ? String(signal) : `code ${code}`;
  });
  return { child, ended };
}

/**
 * Ends the process, and removes its data, when this one ends without having done so, by `kill -9`
 * too: a shell reads from a pipe that closes then. Returns what lets the shell go.
 */
function guard(pid: number, dir = ''): () => void {
  const script = 'read -r _ || { kill -9 "$1"; [ -z "$2" ] || { sleep 1; rm -rf "$2"; }; }';
  const shell = spawn('sh', ['-c', script, 'sh', String(pid), dir], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  // The shell may be gone by the time it is let go.
  shell.stdin!.on('error', () => {});
  return () => void shell.stdin!.end('\n');
}
