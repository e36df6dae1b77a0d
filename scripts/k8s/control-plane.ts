/** A real Kubernetes without machines: API server, controllers, scheduler, and nodes that kwok plays. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineProcess } from '../engines/engine-process.ts';
import { freePorts } from '../engines/free-ports.ts';
import { runTool, type ToolResult } from '../engines/run-tool.ts';
import { type Api, openApi } from './api.ts';
import { kubernetesPrograms } from './programs.ts';

export interface ControlPlane {
  api: Api;
  /** For whoever wants to look with kubectl: KUBECONFIG. */
  kubeconfig: string;
  /** What the API server shows others, for a server that wants to be one of its own. */
  certificate: { cert: string; key: string };
  kubectl(...args: string[]): Promise<ToolResult>;
  stop(): Promise<void>;
}

/** Of the one user there is, who may do everything; it reaches 127.0.0.1 only. */
const TOKEN = 'helios-test-admin';

/** The first call builds the programs. @throws an Error with one line when they cannot be had. */
export async function startControlPlane(): Promise<ControlPlane> {
  const programs = await kubernetesPrograms();
  const dir = mkdtempSync(join(tmpdir(), 'helios-k8s-'));
  const file = (name: string): string => join(dir, name);
  const [etcd, peer, apiserver, controllers, scheduler, kwok] = await freePorts(6);
  const api = openApi(`https://127.0.0.1:${apiserver}`, TOKEN);
  const kubeconfig = writeFiles(dir, `https://127.0.0.1:${apiserver}`);
  const started: EngineProcess[] = [];
  const stop = async (): Promise<void> => {
    // Backwards, and politely to none: what they hold is thrown away.
    for (const one of started.toReversed()) await one.kill();
    rmSync(dir, { recursive: true, force: true });
  };
  const start = async (
    name: string,
    port: number,
    command: readonly [string, ...string[]],
    ready: () => Promise<boolean>,
  ): Promise<void> => {
    const one = new EngineProcess({ name, address: `127.0.0.1:${port}`, command, dir, ready });
    started.push(one);
    await one.start();
  };
  const certificate = { cert: file('certs/apiserver.crt'), key: file('certs/apiserver.key') };
  try {
    await start(
      'etcd',
      etcd!,
      [programs.etcd, ...etcdFlags(file('etcd'), etcd!, peer!)],
      () => answers(`http://127.0.0.1:${etcd}/readyz`),
    );
    const serverFlags = apiserverFlags(dir, apiserver!, etcd!);
    await start(
      'kube-apiserver',
      apiserver!,
      [programs.apiserver, ...serverFlags],
      () => api.healthy(),
    );
    await Promise.all([
      start('kube-controller-manager', controllers!, [
        programs.controllerManager,
        ...clientFlags(kubeconfig, controllers!),
        `--service-account-private-key-file=${file('sa.key')}`,
        `--root-ca-file=${certificate.cert}`,
        '--use-service-account-credentials=false',
        // Looks often, and believes pods at once: the simulated ones need no time to warm up.
        '--horizontal-pod-autoscaler-sync-period=2s',
        '--horizontal-pod-autoscaler-initial-readiness-delay=0s',
        '--horizontal-pod-autoscaler-cpu-initialization-period=0s',
      ], () => openApi(`https://127.0.0.1:${controllers}`, TOKEN).healthy()),
      start('kube-scheduler', scheduler!, [
        programs.scheduler,
        ...clientFlags(kubeconfig, scheduler!),
      ], () => openApi(`https://127.0.0.1:${scheduler}`, TOKEN).healthy()),
      start('kwok', kwok!, [
        programs.kwok,
        `--kubeconfig=${kubeconfig}`,
        '--manage-all-nodes=true',
        `--config=${programs.kwokStages}`,
        `--server-address=127.0.0.1:${kwok}`,
      ], () => answers(`http://127.0.0.1:${kwok}/healthz`)),
    ]);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    api,
    kubeconfig,
    certificate,
    kubectl: (...args) => runTool(programs.kubectl, ['--kubeconfig', kubeconfig, ...args]),
    stop,
  };
}

function writeFiles(dir: string, server: string): string {
  mkdirSync(join(dir, 'certs'));
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(join(dir, 'sa.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }));
  writeFileSync(join(dir, 'tokens.csv'), `${TOKEN},admin,admin,system:masters\n`);
  const kubeconfig = join(dir, 'kubeconfig');
  const named = (name: string, value: object) => [{ name: 'test', [name]: value }];
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: named('cluster', { server, 'insecure-skip-tls-verify': true }),
      users: named('user', { token: TOKEN }),
      contexts: named('context', { cluster: 'test', user: 'test' }),
      'current-context': 'test',
    }),
  );
  return kubeconfig;
}

function etcdFlags(data: string, port: number, peer: number): string[] {
  const [client, peers] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${peer}`];
  return [
    `--data-dir=${data}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peers}`,
    `--initial-advertise-peer-urls=${peers}`,
    `--initial-cluster=default=${peers}`,
    // Nothing of it is kept.
    '--unsafe-no-fsync',
  ];
}

function apiserverFlags(dir: string, port: number, etcd: number): string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${etcd}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${join(dir, 'certs')}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    `--service-account-key-file=${join(dir, 'sa.key')}`,
    `--service-account-signing-key-file=${join(dir, 'sa.key')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--token-auth-file=${join(dir, 'tokens.csv')}`,
    '--authorization-mode=RBAC',
    '--endpoint-reconciler-type=none',
    '--profiling=false',
  ];
}

function clientFlags(kubeconfig: string, port: number): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    '--leader-elect=false',
  ];
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url);
  await response.body?.cancel();
  return response.ok;
}
