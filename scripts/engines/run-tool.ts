/** Runs a tool quietly; its output matters only when it fails. */
import { spawn } from 'node:child_process';

export interface ToolResult {
  /** undefined when the tool is not installed. */
  code: number | undefined;
  /** Standard output and standard error, as they came. */
  output: string;
}

export function runTool(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string | undefined> } = {},
): Promise<ToolResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => output += text);
    child.stderr.setEncoding('utf8').on('data', (text) => output += text);
    child.on('error', (error) => resolve({ code: undefined, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** The end of a long output, for an error's text. */
export function lastLines(output: string, count = 15): string {
  return output.trim().split('\n').slice(-count).join('\n');
}
