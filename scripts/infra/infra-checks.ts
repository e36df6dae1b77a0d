/** The sections of `npm run check:infra`: files of operations, looked at by the tools that know them. */
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { Outcome, Section } from '../checks/section.ts';
import type { ToolResult } from '../engines/run-tool.ts';
import { KUBERNETES_VERSION } from '../k8s/programs.ts';
import { PROJECT_DIR } from '../load/runtime-command.ts';
import { MANIFESTS_DIR, readBase } from './base-manifests.ts';
import { composeFaults, dockerfileFaults } from './container-file-faults.ts';
import { asRules, dashboardQueries } from './dashboard-queries.ts';
import { overlayDir, OVERLAYS } from './kustomize.ts';
import { manifestFaults } from './manifest-faults.ts';
import { parseManifests } from './manifest.ts';
import { findTool, type Tool, type ToolName } from './tools.ts';

/** @param fetch whether tools that are missing are fetched; else they are named and left out */
export function infraChecks(fetch: boolean): Section[] {
  return [
    { name: 'Manifests', run: () => report(fetch, checkManifests) },
    { name: 'Container files', run: () => report(fetch, checkContainerFiles) },
    { name: 'Metrics files', run: () => report(fetch, checkMetricsFiles) },
  ];
}

/** What a section says of each thing it looked at; without faults it is well. */
type Say = (what: string, faults: readonly string[]) => void;
/** Runs the work with a tool, or notes which one is missing. */
type With = (name: ToolName, work: (tool: Tool) => Promise<void>) => Promise<void>;

async function report(
  fetch: boolean,
  check: (say: Say, withTool: With) => Promise<void>,
): Promise<Outcome> {
  let passed = 0;
  let failed = 0;
  const missing: string[] = [];
  await check((what, faults) => {
    if (faults.length === 0) passed++;
    else failed++;
    for (const fault of faults) console.error(`${what}: ${fault}`);
  }, async (name, work) => {
    const tool = await findTool(name, fetch);
    if (typeof tool === 'string') missing.push(tool);
    else await work(tool);
  });
  return { passed, failed, ...(missing.length > 0 && { note: `Left out: ${missing.join('; ')}` }) };
}

async function checkManifests(say: Say, withTool: With): Promise<void> {
  say('base', manifestFaults(readBase()));
  const minor = KUBERNETES_VERSION.replace(/\.\d+$/, '');
  await withTool('kubectl', async (kubectl) => {
    await inScratch(async (scratch) => {
      const files: string[] = [];
      for (const overlay of OVERLAYS) {
        const rendered = await kubectl.run(['kustomize', overlayDir(overlay)]);
        say(`${overlay}: kustomize`, faultsOf(rendered));
        if (rendered.code !== 0) continue;
        say(overlay, manifestFaults(parseManifests(rendered.output)));
        const file = join(scratch, `${overlay}.yaml`);
        writeFileSync(file, rendered.output);
        files.push(file);
      }
      await withTool('kubernetes-validate', async (validate) => {
        const args = ['--strict', '--quiet', '--kubernetes-version', minor];
        for (const file of files) {
          const checked = await validate.run([...args, file]);
          say(`${file.replace(/.*\//, '')} against Kubernetes ${minor}`, faultsOf(checked));
        }
      });
    });
  });
}

/** Order is a matter of reading: what belongs together stands together. */
const DCLINT_RULES_OFF = [
  'no-build-and-image',
  'service-keys-order',
  'services-alphabetical-order',
  'top-level-properties-order',
];

async function checkContainerFiles(say: Say, withTool: With): Promise<void> {
  const dockerfile = join(PROJECT_DIR, 'Dockerfile');
  if (existsSync(dockerfile)) {
    say('Dockerfile', dockerfileFaults(readFileSync(dockerfile, 'utf8')));
    await withTool('hadolint', async (hadolint) => {
      // `FROM scratch` has no WORKDIR but `/`.
      const args = ['--failure-threshold', 'warning', '--ignore', 'DL3045', '--no-color'];
      say('Dockerfile by hadolint', faultsOf(await hadolint.run([...args, dockerfile])));
    });
  }
  const compose = join(PROJECT_DIR, 'compose.yaml');
  if (existsSync(compose)) {
    say('compose.yaml', composeFaults(readFileSync(compose, 'utf8')));
    await withTool('dclint', async (dclint) => {
      const off = DCLINT_RULES_OFF.flatMap((rule) => ['--disable-rule', rule]);
      say('compose.yaml by dclint', faultsOf(await dclint.run([compose, ...off])));
    });
  }
}

/** What a YAML file of Prometheus's world is, by what is in it, and who reads it. */
const KINDS: readonly { key: string; tool: 'promtool' | 'amtool'; args: readonly string[] }[] = [
  { key: 'tests', tool: 'promtool', args: ['test', 'rules'] },
  { key: 'scrape_configs', tool: 'promtool', args: ['check', 'config'] },
  { key: 'groups', tool: 'promtool', args: ['check', 'rules'] },
  { key: 'receivers', tool: 'amtool', args: ['check-config'] },
];

async function checkMetricsFiles(say: Say, withTool: With): Promise<void> {
  const files = globSync('{prometheus,components}/**/*.{yml,yaml}', { cwd: MANIFESTS_DIR }).sort();
  for (const file of files) {
    const path = join(MANIFESTS_DIR, file);
    const [content = {}] = parseManifests(readFileSync(path, 'utf8'));
    const kind = KINDS.find(({ key }) => key in content);
    if (!kind) continue;
    await withTool(kind.tool, async (tool) => {
      // Tests name their rules from where they are.
      const cwd = join(path, '..');
      say(file, faultsOf(await tool.run([...kind.args, path], cwd)));
    });
  }
  const dashboards = globSync('grafana/**/*.json', { cwd: MANIFESTS_DIR }).sort();
  if (dashboards.length === 0) return;
  await withTool('promtool', (promtool) =>
    inScratch(async (scratch) => {
      for (const file of dashboards) {
        const queries = dashboardQueries(
          JSON.parse(readFileSync(join(MANIFESTS_DIR, file), 'utf8')),
        );
        const rules = join(scratch, 'rules.yaml');
        writeFileSync(rules, asRules(queries));
        const checked = await promtool.run(['check', 'rules', rules]);
        say(file, queries.length === 0 ? ['it asks nothing'] : faultsOf(checked));
      }
    }));
}

function faultsOf({ code, output }: ToolResult): string[] {
  return code === 0 ? [] : [output.trim() || `it ends with ${code}`];
}

async function inScratch(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'helios-infra-'));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** In CI nobody fetches them by hand. */
export const FETCH_IN_CI = Boolean(process.env['CI']);
