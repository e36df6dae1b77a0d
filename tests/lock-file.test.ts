import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Locked {
  version?: string;
  optionalDependencies?: Record<string, string>;
}

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'));

/**
 * `npm install` leaves out of the lock file what the registry lacked at that moment, also for other
 * platforms; `npm ci` then refuses the whole file everywhere.
 */
test('package-lock.json names every optional package of its packages', () => {
  const packages: Record<string, Locked> = read('package-lock.json').packages;
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) =>
        !(`${path}/node_modules/${name}` in packages) && !(`node_modules/${name}` in packages)
      ).map(([name, version]) => `${name}@${version}`)
  );
  expect(missing).toEqual([]);
});

/** Ranges let an older npm pick older versions, and two machines differ. */
test('package.json pins every version', () => {
  const { dependencies, devDependencies, optionalDependencies } = read('package.json');
  const loose = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(String(version)));
  expect(loose).toEqual([]);
});
