/** The project's form: who imports whom, who knows which library, and how a file looks. */
import { expect, test } from 'vitest';
import {
  DEFAULT_EXPORTS,
  EXCEPTIONS,
  LIBRARIES,
  LINES_MAX,
  LONG_FILES,
  ROOMS,
  TEST_FILE,
} from './rooms.ts';
import { folderOf, importsOf, lineAt, readSources, type SourceFile } from './source-files.ts';

type Rule = (file: SourceFile) => string[];

const rules: Record<string, Rule> = {
  'a room imports only what it may': (file) => {
    const room = ROOMS.find(({ files }) => files.test(file.path));
    if (!room || TEST_FILE.test(file.path)) return [];
    const may = [...room.may, ...(EXCEPTIONS[file.path]?.may ?? [])];
    return importsOf(file)
      .filter(({ target, typeOnly }) =>
        !covers(may, target, file.path) &&
        !(typeOnly && covers(room.types ?? [], target, file.path))
      )
      .map(({ line, target }) =>
        `${file.path}:${line} imports ${target}, which ${room.name} may not`
      );
  },

  'no stage imports another stage': (file) => {
    const stage = stageOf(file.path);
    if (!stage) return [];
    return importsOf(file).filter(({ target }) => (stageOf(target) ?? stage) !== stage)
      .map(({ line, target }) => `${file.path}:${line} imports ${target}, of another stage`);
  },

  'a client library is known to its own files only': (file) => {
    if (TEST_FILE.test(file.path)) return [];
    return importsOf(file)
      .filter(({ target }) => isLibrary(target) && !LIBRARIES[target]?.test(file.path))
      .map(({ line, target }) =>
        `${file.path}:${line} imports ${target}: see LIBRARIES in tests/rooms.ts`
      );
  },

  'engines are chosen in shared/backends.ts': (file) => {
    if (TEST_FILE.test(file.path) || !/^(services|shared)\//.test(file.path)) return [];
    if (file.path === 'shared/backends.ts') return [];
    return importsOf(file)
      .filter(({ target, typeOnly }) =>
        !typeOnly && ENGINE.test(target) && folderOf(target) !== folderOf(file.path) &&
        !covers(EXCEPTIONS[file.path]?.may ?? [], target, file.path)
      )
      .map(({ line, target }) => `${file.path}:${line} imports the engine ${target}`);
  },

  'only shared/runtime names a runtime': (file) =>
    /^(shared\/runtime\/|tests\/layering\.test)/.test(file.path)
      ? []
      : matches(file, RUNTIME_NAME, 'asks for the runtime'),

  'nothing is exported by default': (file) =>
    DEFAULT_EXPORTS.test(file.path)
      ? []
      : matches(file, /^export default\b/gm, 'has a default export'),

  'nothing is passed on from another file': (file) =>
    importsOf(file).filter(({ passedOn, typeOnly }) => passedOn && !typeOnly)
      .map(({ line, target }) => `${file.path}:${line} passes on ${target}: import it where it is`),

  [`a file has at most ${LINES_MAX} lines`]: (file) => {
    const lines = file.text.split('\n').length - 1;
    if (lines <= LINES_MAX || file.path in LONG_FILES || TEST_FILE.test(file.path)) return [];
    return [
      `${file.path}:${LINES_MAX + 1} goes on to line ${lines}: split it, or list it with a reason`,
    ];
  },
};

const ENGINE =
  /^shared\/(bus\/(embedded|journal|kafka)|store\/(sqlite|redis)|warehouse\/(chdb|clickhouse))[^/]*$/;
const RUNTIME_NAME =
  /\b(Deno|Bun)\.\w|['"](Deno|Bun)['"] in |globalThis\W+(Deno|Bun)\b|\bversions\W+(deno|bun)\b/g;

test.each(Object.entries(rules))('%s', (_name, rule) => {
  expect(readSources().flatMap(rule)).toEqual([]);
});

test('exceptions and long files still exist and are still needed', () => {
  const sources = new Map(readSources().map((file) => [file.path, file]));
  const idle = Object.entries(EXCEPTIONS).flatMap(([path, { may }]) => {
    const file = sources.get(path);
    const targets = file ? importsOf(file).map(({ target }) => target) : [];
    return may.filter((one) => !targets.some((target) => covers([one], target, path)))
      .map((one) => `${path} does not import ${one}`);
  });
  const short = Object.keys(LONG_FILES).filter((path) =>
    (sources.get(path)?.text.split('\n').length ?? 0) <= LINES_MAX
  );
  expect([...idle, ...short]).toEqual([]);
});

/** What is wrong, where, and what is said of it. */
const WRONG = [
  [
    'a store in the model',
    'shared/model/a.ts',
    "import {\n  b,\n} from '../bus/bus.ts';",
    ':1 imports',
  ],
  ['files in a core', 'services/auction/a.ts', "\nimport 'node:fs';", 'a.ts:2 imports node:fs'],
  [
    'a bus in a core',
    'services/auction/a.ts',
    "import { b } from '#shared/bus/bus.ts';",
    'a pure core may',
  ],
  [
    'another stage',
    'services/auction/a.ts',
    "import { b } from '../bidding/b.ts';",
    'of another stage',
  ],
  [
    'an engine',
    'services/web/app.ts',
    "await import('#shared/bus/embedded.ts');",
    'imports the engine',
  ],
  [
    'an unknown library',
    'shared/bus/kafka.ts',
    "import { Kafka } from 'leftpad';",
    'see LIBRARIES',
  ],
  ['a library elsewhere', 'services/gateway/app.ts', "import 'chdb';", 'see LIBRARIES'],
  ['a runtime', 'scripts/a.ts', 'x();\nif (Deno.build.os) {}', 'scripts/a.ts:2 asks'],
  ['a runtime as text', 'scripts/a.ts', "if ('Deno' in globalThis) {}", 'asks for the runtime'],
  ['a runtime by version', 'scripts/a.ts', "process.versions['deno']", 'asks for the runtime'],
  ['a default export', 'scripts/a.ts', 'export default 1;', 'has a default export'],
  ['a barrel', 'shared/a.ts', "export * from './b.ts';", 'passes on shared/b.ts'],
  ['a long file', 'shared/a.ts', '\n'.repeat(LINES_MAX + 1), 'a.ts:251 goes on to line 251'],
] as const;

test.each(WRONG)('the rules refuse %s', (_what, path, text, complaint) => {
  expect(complaints({ path, text })).toContainEqual(expect.stringContaining(complaint));
});

const RIGHT = [
  ['a type', 'services/auction/a.ts', "import type { Bus } from '#shared/bus/bus.ts';"],
  [
    'types in a list',
    'services/auction/a.ts',
    "import { type A, type B } from '#shared/bus/bus.ts';",
  ],
  [
    'an engine in a test',
    'services/auction/a.test.ts',
    "import { b } from '#shared/bus/embedded.ts';",
  ],
  ['a runtime in words', 'services/auction/a.ts', "// Deno does it too\nconst text = 'on Deno';"],
  ['engines where they are chosen', 'shared/backends.ts', "import { b } from './bus/embedded.ts';"],
] as const;

test.each(RIGHT)('the rules allow %s', (_what, path, text) => {
  expect(complaints({ path, text })).toEqual([]);
});

function complaints(file: SourceFile): string[] {
  return Object.values(rules).flatMap((rule) => rule(file));
}

function covers(allowed: readonly string[], target: string, from: string): boolean {
  return allowed.some((one) => {
    if (one === 'own/') return target.startsWith(folderOf(from));
    return one.endsWith('/') || one.endsWith(':') ? target.startsWith(one) : target === one;
  });
}

function stageOf(path: string): string | undefined {
  return /^services\/([^/]+)\//.exec(path)?.[1];
}

function isLibrary(target: string): boolean {
  return target === 'node:sqlite' ||
    !/^(node:|proto\/|services\/|shared\/|scripts\/|benchmarks\/|tests\/|web\/)/.test(target);
}

function matches(file: SourceFile, pattern: RegExp, complaint: string): string[] {
  return [...file.text.matchAll(pattern)].map(({ index }) =>
    `${file.path}:${lineAt(file.text, index)} ${complaint}`
  );
}
