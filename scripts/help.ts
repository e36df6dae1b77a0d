/** `npm run help`: every script and every setting. */
import { z } from 'zod';
import { Environment } from '#shared/config.ts';
import { runtimeName } from '#shared/runtime/runtime.ts';

/** What each script of package.json, and each task of deno.json, does: the only place that says it. */
export const SCRIPTS = {
  start: 'starts the exchange; stages to host may follow, all by default',
  demo: 'starts it with gentle traffic and look-ups over gRPC, for showing',
  dev: 'serves the dashboard with hot reload against running stages',
  traffic: 'sends realistic requests to a running exchange and sums up the answers',
  smoke: 'checks a running exchange from outside: smoke -- http://host:port',
  sql: 'asks ClickHouse: sql -- "SELECT …", or a prompt without a statement',
  seed: 'writes reproducible user profiles over gRPC',
  keys: 'creates, lists and revokes keys of publishers and admins',
  reset: 'deletes the data, after showing it and asking',
  test: 'runs all checks and every suite on Node and on Deno; a pattern may follow',
  'test:engines': 'starts a real Kafka and Redis and tests against them, on Node and on Deno',
  engines: 'starts a real Kafka and Redis to develop against, until Ctrl-C',
  'check:infra': 'looks at manifests, Dockerfile, compose, rules and dashboards with their tools',
  'test:k8s': 'applies the manifests to a real Kubernetes control plane with simulated nodes',
  'test:rolling': 'replaces every process of a cluster under load, and counts lost requests',
  topics: 'lists the topics on Kafka and who reads them, makes them, follows one',
  cluster: 'starts each stage in processes of its own, with engines, and looks after them',
  compose: 'starts everything in containers and says where it is; compose -- down ends it',
  'test:chaos': 'kills an exchange under load, and counts; with --cluster a whole cluster',
  'test:compose': 'builds the images, starts compose.yaml with them, checks it and kills services',
  'test:alerts':
    'a cluster watched by a real Prometheus and Alertmanager: kills a stage, awaits the alert',
  lint: 'checks types, lint and format',
  check: 'checks types',
  format: 'formats every file',
  bench: 'measures the exchange against a bare echo server',
  'bench:kafka': 'measures the exchange over a real Kafka and Redis, CPU of every process counted',
  'bench:queries': 'measures the queries of the dashboard over ten million outcomes',
  'bench:inserts': 'measures what storing an outcome costs, merges included',
  screenshots: 'takes a picture of every page, light and dark, wide and on a phone',
  'bench:dashboard': 'measures first paints and the main thread of the dashboard',
  'bench:live': 'measures the live feed: a thousand viewers, and what a hundred cost the exchange',
  proto: 'makes proto/gen from proto/*.proto',
  help: 'shows this',
} as const;

/** Scripts that npm runs without the word `run`. */
const SHORT = new Set(['start', 'test']);

export function describeScripts(runner: 'npm' | 'deno'): string {
  const rows = Object.entries(SCRIPTS).map(([name, text]) =>
    [
      runner === 'deno' ? `deno task ${name}` : `npm ${SHORT.has(name) ? '' : 'run '}${name}`,
      text,
    ] as const
  );
  return table(rows);
}

/** Name, what is allowed and default, from the schema itself: a text that cannot be right tells. */
export function describeSettings(): string {
  const { properties = {} } = z.toJSONSchema(Environment, { io: 'input' });
  const rows = Object.entries(Environment.shape).map(([name, schema]) => {
    const issue = IMPOSSIBLE.map((text) => schema.safeParse(text).error?.issues[0]).find(Boolean);
    const { default: preset } = properties[name] as { default?: string };
    return [
      name,
      `${issue?.message ?? 'any text'}; ${preset === undefined ? 'unset' : `default ${preset}`}`,
    ] as const;
  });
  return table(rows);
}
const IMPOSSIBLE = ['', '\0'];

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length)) + 3;
  return rows.map(([name, text]) => `  ${name.padEnd(width)}${text}`).join('\n');
}

if (import.meta.main) {
  const runner = runtimeName === 'deno' ? 'deno' : 'npm';
  console.log(`${describeScripts(runner)}

Arguments follow ${
    runner === 'npm' ? 'after --, as in npm run traffic -- --rate 50' : 'the task'
  }; \
each script explains its own with --help.
All of them also run with the other runtime: ${
    runner === 'npm' ? 'deno task NAME' : 'npm run NAME'
  }.

Settings (environment variables):
${describeSettings()}`);
}
