/** Command-line flags of the scripts: declared once, checked, and printed by `--help`. */
import { programArguments } from '#shared/runtime/runtime.ts';
import process from 'node:process';
import { parseArgs } from 'node:util';

interface Flag<T> {
  readonly help: string;
  /** Asked for only where the flag is not given. */
  readonly preset: T;
  /** Completes "allowed is …". */
  readonly allowed: string;
  /** Given or not, without a value. */
  readonly bare?: boolean;
  /** Undefined when the text is not allowed. */
  read(text: string): T | undefined;
}

// deno-lint-ignore no-explicit-any -- the table holds flags of any type
type Flags = Record<string, Flag<any>>;
type Values<F extends Flags> = { [Name in keyof F]: F[Name] extends Flag<infer T> ? T : never };

export interface Usage {
  /** As a person types it: `npm run seed --`. */
  command: string;
  /** What it does, in a sentence or two. */
  about: string;
  /** Arguments without a name, as in `npm run smoke -- http://host:port`; none by default. */
  arguments?: { name: string; help: string; most: number };
}

/** A number within bounds; without a preset the flag may be left out. */
export function number(help: string, least: number, most: number): Flag<number | undefined>;
export function number(help: string, least: number, most: number, preset: number): Flag<number>;
export function number(help: string, least: number, most: number, preset?: number) {
  return bounded(help, least, most, preset, 'a number', /^-?(\d+\.?\d*|\.\d+)$/);
}

/** A whole number within bounds. */
export function whole(help: string, least: number, most: number): Flag<number | undefined>;
export function whole(help: string, least: number, most: number, preset: number): Flag<number>;
export function whole(help: string, least: number, most: number, preset?: number) {
  return bounded(help, least, most, preset, 'a whole number', /^-?\d+$/);
}

/** One of some words, or anything the pattern takes, or any text. A preset may be made when it is needed. */
export function text(help: string): Flag<string | undefined>;
export function text(help: string, preset: string, allowed?: readonly string[]): Flag<string>;
export function text(
  help: string,
  preset: string | (() => string),
  allowed: RegExp,
  called: string,
): Flag<string>;
export function text(
  help: string,
  preset?: string | (() => string),
  allowed?: readonly string[] | RegExp,
  called = 'a text',
): Flag<string | undefined> {
  const words = Array.isArray(allowed) ? allowed as readonly string[] : undefined;
  const fits = (value: string) =>
    words ? words.includes(value) : allowed instanceof RegExp ? allowed.test(value) : value !== '';
  return {
    help,
    get preset() {
      return typeof preset === 'function' ? preset() : preset;
    },
    allowed: words?.join(', ') ?? called,
    read: (value) => fits(value) ? value : undefined,
  };
}

/** On when it is given; it takes no value. */
export function toggle(help: string): Flag<boolean> {
  return {
    help,
    preset: false,
    allowed: 'no value',
    bare: true,
    read: (value) => value === '' ? true : undefined,
  };
}

/**
 * The flags of this process. Prints the usage for `--help` and ends the process; prints one line
 * per wrong flag and ends it with code 2.
 */
export function parseFlags<F extends Flags>(
  flags: F,
  usage: Usage,
): { values: Values<F>; rest: string[] } {
  answerHelp(usage, flags);
  const args = programArguments();
  const read = readFlags(flags, args, usage.arguments?.most);
  if (read.wrong.length === 0) return read;
  console.error([...read.wrong, `See ${usage.command} --help`].join('\n'));
  process.exit(2);
}

/** Prints the usage for `--help` and ends the process: enough where another program reads the arguments. */
export function answerHelp(usage: Usage, flags: Flags = {}): void {
  const args = programArguments();
  if (!args.includes('--help') && !args.includes('-h')) return;
  console.log(describeFlags(flags, usage));
  process.exit(0);
}

/** `wrong` has a line for each refused flag, with its name, its value and what is allowed. */
export function readFlags<F extends Flags>(
  flags: F,
  args: string[],
  restMost = 0,
): { values: Values<F>; rest: string[]; wrong: string[] } {
  const { tokens, positionals } = parseArgs({
    args,
    options: Object.fromEntries(
      Object.entries(flags).map((
        [name, { bare }],
      ) => [name, { type: bare ? 'boolean' : 'string' }]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values: Record<string, unknown> = {};
  const wrong: string[] = [];
  const known = Object.keys(flags).map(dashed).join(', ') || 'nothing else';
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const flag = Object.hasOwn(flags, token.name) ? flags[token.name] : undefined;
    if (!flag) {
      wrong.push(`${token.rawName}: allowed is ${known}`);
      continue;
    }
    const value = flag.read(token.value ?? '');
    const shown = `${token.rawName}=${token.value ?? ''}`;
    if (value === undefined) wrong.push(`${shown}: allowed is ${flag.allowed}`);
    else values[token.name] = value;
  }
  for (const [name, flag] of Object.entries(flags)) values[name] ??= flag.preset;
  for (const extra of positionals.slice(restMost)) {
    wrong.push(`${extra}: allowed is ${known}`);
  }
  return { values: values as Values<F>, rest: positionals, wrong };
}

export function describeFlags(flags: Flags, usage: Usage): string {
  const rows = Object.entries(flags).map(([name, { help, allowed, preset, bare }]) => {
    if (bare) return { name: `  --${name}`, help };
    const limits = preset === undefined || preset === ''
      ? allowed
      : `${allowed}; default ${preset}`;
    return { name: `  --${name}`, help: help ? `${help} (${limits})` : limits };
  });
  const named = rows.length > 0;
  const rest = usage.arguments;
  if (rest) rows.unshift({ name: `  ${rest.name}`, help: rest.help });
  const width = Math.max(...rows.map(({ name }) => name.length)) + 2;
  const command = rows.length > 0 ? usage.command : usage.command.replace(/ --$/, '');
  return [
    [command, ...rest ? [`[${rest.name}]`] : [], ...named ? ['[flags]'] : []].join(' '),
    usage.about,
    ...rows.length > 0 ? [''] : [],
    ...rows.map(({ name, help }) => name.padEnd(width) + help),
  ].join('\n');
}

function bounded(
  help: string,
  least: number,
  most: number,
  preset: number | undefined,
  called: string,
  pattern: RegExp,
): Flag<number | undefined> {
  return {
    help,
    preset,
    allowed: `${called} from ${grouped(least)} to ${grouped(most)}`,
    read(text) {
      const value = pattern.test(text) ? Number(text) : NaN;
      return value >= least && value <= most ? value : undefined;
    },
  };
}

function grouped(value: number): string {
  return value.toLocaleString('en-US');
}

function dashed(name: string): string {
  return `--${name}`;
}
