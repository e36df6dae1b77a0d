/** The programs of a real Kubernetes control plane, kept between runs. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cached } from '../engines/cache.ts';
import { goBuild, goModuleFolder } from './go-build.ts';

export const KUBERNETES_VERSION = '1.35.4';
const ETCD_VERSION = '3.6.5';
const KWOK_VERSION = '0.8.0';

export interface Programs {
  etcd: string;
  apiserver: string;
  controllerManager: string;
  scheduler: string;
  kubectl: string;
  kwok: string;
  /** How kwok plays nodes and pods. */
  kwokStages: string;
}

/** The first call builds them with Go: about 7 minutes on two cores, and 10 GB of Go's caches. */
export async function kubernetesPrograms(): Promise<Programs> {
  const etcd = await cached(`etcd-${ETCD_VERSION}`, (folder) => goBuild(folder, ETCD));
  const kwok = await cached(`kwok-${KWOK_VERSION}`, buildKwok);
  const kubernetes = await cached(`kubernetes-${KUBERNETES_VERSION}`, buildKubernetes);
  const of = (name: string): string => join(kubernetes, 'bin', name);
  return {
    etcd: join(etcd, 'bin', 'etcd'),
    apiserver: of('kube-apiserver'),
    controllerManager: of('kube-controller-manager'),
    scheduler: of('kube-scheduler'),
    kubectl: of('kubectl'),
    kwok: join(kwok, 'bin', 'kwok'),
    kwokStages: join(kwok, 'stages.yaml'),
  };
}

const ETCD = {
  module: ['go.etcd.io/etcd/server/v3', `v${ETCD_VERSION}`],
  programs: { etcd: 'go.etcd.io/etcd/server/v3' },
} as const;

const KWOK_MODULE = 'sigs.k8s.io/kwok';

async function buildKwok(folder: string): Promise<void> {
  await goBuild(folder, {
    module: [KWOK_MODULE, `v${KWOK_VERSION}`],
    programs: { kwok: `${KWOK_MODULE}/cmd/kwok` },
  });
  const source = await goModuleFolder(folder, `${KWOK_MODULE}@v${KWOK_VERSION}`);
  const stages = join(source, 'kustomize', 'stage');
  const fast = join(stages, 'pod', 'fast');
  const files = [
    join(stages, 'node', 'fast', 'node-initialize.yaml'),
    join(stages, 'node', 'heartbeat', 'node-heartbeat.yaml'),
    ...readdirSync(fast).filter((name) => name.startsWith('pod-')).map((name) => join(fast, name)),
  ];
  const texts = files.map((file) => readFileSync(file, 'utf8'));
  writeFileSync(join(folder, 'stages.yaml'), texts.join('\n---\n'));
}

async function buildKubernetes(folder: string): Promise<void> {
  const version = `v${KUBERNETES_VERSION}`;
  const [major, minor, patch] = KUBERNETES_VERSION.split('.');
  const names = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'];
  const packages = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'];
  await goBuild(folder, {
    module: ['k8s.io/kubernetes', version],
    replace: await stagingModules(version, `v0.${minor}.${patch}`),
    programs: Object.fromEntries(names.map((name) => [name, `k8s.io/kubernetes/cmd/${name}`])),
    variables: packages.flatMap((name) => [
      `${name}.gitVersion=${version}`,
      `${name}.gitMajor=${major}`,
      `${name}.gitMinor=${minor}`,
    ]),
  });
}

/** Kubernetes takes them from its own folders; they are published as modules too. */
async function stagingModules(version: string, published: string): Promise<string[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'helios-go-'));
  try {
    writeFileSync(join(scratch, 'go.mod'), 'module helios/tools\n');
    const source = await goModuleFolder(scratch, `k8s.io/kubernetes@${version}`);
    const lines = readFileSync(join(source, 'go.mod'), 'utf8').split('\n');
    return lines.flatMap((line) => {
      const name = /^\s*(?:replace\s+)?(k8s\.io\/\S+) => \.\/staging/.exec(line)?.[1];
      return name ? [`${name} => ${name} ${published}`] : [];
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
