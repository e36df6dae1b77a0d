/**
 * Settings that hold secrets may be named by a file instead: `ADMIN_KEY_FILE=/run/secrets/admin-key`.
 * Variables of a process are shown by more tools than files are.
 */
import { readFileSync } from 'node:fs';

export const SECRET_SETTINGS = [
  'ADMIN_KEY',
  'CLICKHOUSE_TOKEN',
  'CLICKHOUSE_URL',
  'REDIS_URL',
] as const;

/** A variable that names a file, and what is wrong with that. */
export interface SecretFileFault {
  name: string;
  fault: string;
}

/** Puts what is in the files in the place of their names; a line break at the end is none of it. */
export function readSecretFiles(
  environment: Readonly<Record<string, string>>,
): { values: Record<string, string>; faults: SecretFileFault[] } {
  const values = { ...environment };
  const faults: SecretFileFault[] = [];
  for (const setting of SECRET_SETTINGS) {
    const name = `${setting}_FILE`;
    const file = environment[name];
    if (file === undefined) continue;
    if (setting in environment) {
      faults.push({ name, fault: `${setting} is set too: leave out one of them` });
      continue;
    }
    try {
      values[setting] = readFileSync(file, 'utf8').trimEnd();
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      faults.push({ name, fault: `${file} cannot be read: ${code ?? message}` });
    }
  }
  return { values, faults };
}
