/** The project's TypeScript files and what they import, for the tests of its form. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface SourceFile {
  /** From the project's folder. */
  path: string;
  text: string;
}

export interface Import {
  /** A path from the project's folder, `node:x`, or a package's name. */
  target: string;
  line: number;
  /** Gone when the program runs. */
  typeOnly: boolean;
  /** `export … from`. */
  passedOn: boolean;
}

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = ['services', 'shared', 'scripts', 'tests', 'benchmarks', 'web/src'];

export function readSources(): SourceFile[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(PROJECT, folder), { recursive: true }).map(String)
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
      .map((path) => ({ path, text: readFileSync(join(PROJECT, path), 'utf8') }))
  );
}

/** Static imports begin a line; that is how the formatter writes them. */
const STATIC =
  /^(?:(import)(?:\s+(type)\s)?|(export)\s+(type\s+)?(?=[{*]))(?:([^;'"]*?)\sfrom\s*|\s*)['"]([^'"\n]+)['"]/gm;
const DYNAMIC = /\bimport\(\s*['"]([^'"\n]+)['"]/g;

export function importsOf({ path, text }: SourceFile): Import[] {
  const found: Import[] = [];
  for (const match of text.matchAll(STATIC)) {
    const [, , type, exported, exportedType, names = '', specifier = ''] = match;
    found.push({
      target: resolve(path, specifier),
      line: lineAt(text, match.index),
      typeOnly: Boolean(type ?? exportedType) || onlyTypes(names),
      passedOn: exported !== undefined,
    });
  }
  for (const match of text.matchAll(DYNAMIC)) {
    const target = resolve(path, match[1]!);
    found.push({ target, line: lineAt(text, match.index), typeOnly: false, passedOn: false });
  }
  return found;
}

/** `{ type A, type B }` */
function onlyTypes(names: string): boolean {
  const list = /^\s*\{([^}]*)\}\s*$/.exec(names)?.[1]?.split(',').map((name) => name.trim())
    .filter(Boolean) ?? [];
  return list.length > 0 && list.every((name) => name.startsWith('type '));
}

function resolve(from: string, specifier: string): string {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(from), specifier);
  if (specifier.startsWith('#shared/')) return specifier.replace('#shared/', 'shared/');
  if (specifier.startsWith('#proto/')) return specifier.replace('#proto/', 'proto/gen/');
  if (specifier.startsWith('node:')) return specifier;
  return specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

export function folderOf(path: string): string {
  return dirname(path) + '/';
}
