import { type Config, Environment, parseConfig } from '#shared/config.ts';
import { describeError } from '#shared/log.ts';
import { chooseStages } from '../../services/stage-choice.ts';
import { STOP_MS } from '../../services/stop-time.ts';
import {
  type Container,
  type EnvVariable,
  isHelios,
  type Manifest,
  nameOf,
  type Workload,
  workloadsOf,
} from './manifest.ts';

/** Whether each process would start with what it gets: every variable known, every value allowed. */
export function settingsFaults(manifests: readonly Manifest[]): string[] {
  return workloadsOf(manifests).flatMap((workload) =>
    workload.spec.template.spec.containers.filter(isHelios).flatMap((container) => {
      const faults = [
        ...nameFaults(container, manifests),
        ...secretFaults(container, manifests),
        ...orderFaults(container),
        ...startFaults(workload, container, manifests),
      ];
      return faults.map((fault) => `${nameOf(workload)}: ${fault}`);
    })
  ).concat(topicFaults(manifests));
}

/** What a process of Helios would be started with; of secrets, texts of their length. */
export function settingsOf(
  container: Container,
  manifests: readonly Manifest[],
): Record<string, string> {
  const settings: Record<string, string> = Object.assign({}, ...fromMaps(container, manifests));
  for (const { name, value = '', valueFrom } of container.env ?? []) {
    const { secretKeyRef, configMapKeyRef: map, fieldRef } = valueFrom ?? {};
    if (secretKeyRef) settings[name] = 'a'.repeat(32);
    else if (map) settings[name] = mapOf(map.name, manifests)[map.key] ?? '';
    else if (fieldRef) settings[name] = '0';
    else settings[name] = value.replace(REFERENCE, (text, other) => settings[other] ?? text);
  }
  return settings;
}

/** Variables of the runtimes, beside our own. */
export const OF_RUNTIMES = /^(NODE_|DENO_|UV_|OTEL_)/;
/** `$(NAME)`, as Kubernetes puts one variable into another. */
const REFERENCE = /\$\((\w+)\)/g;

function nameFaults(container: Container, manifests: readonly Manifest[]): string[] {
  const used = references(container.env ?? []);
  const names = Object.keys(settingsOf(container, manifests));
  return names
    .filter((name) => !(name in Environment.shape) && !OF_RUNTIMES.test(name) && !used.has(name))
    .map((name) => `${name} is no setting: see npm run help`);
}

/** Secrets that are not in the overlay are made by hand, with these keys. */
const SECRET_KEYS = ['ADMIN_KEY', 'REDIS_PASSWORD', 'CLICKHOUSE_TOKEN'];

function secretFaults({ env = [] }: Container, manifests: readonly Manifest[]): string[] {
  return env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? []).filter(({ name, key }) => {
    const secret = manifests.find((one) => one.kind === 'Secret' && one.metadata.name === name);
    const keys = secret ? Object.keys(secret.data ?? {}) : SECRET_KEYS;
    return !keys.includes(key);
  }).map(({ name, key }) => `the Secret ${name} has no ${key}`);
}

/** A variable can only be put into a later one. */
function orderFaults({ env = [] }: Container): string[] {
  return env.flatMap(({ name, value = '' }, index) => {
    const before = env.slice(0, index).map((one) => one.name);
    return [...value.matchAll(REFERENCE)].map(([, other]) => other!)
      .filter((other) => !before.includes(other))
      .map((other) => `${name} uses ${other}, which does not come before it`);
  });
}

function startFaults(
  { kind, spec }: Workload,
  container: Container,
  manifests: readonly Manifest[],
): string[] {
  try {
    const config = parseConfig(settingsOf(container, manifests));
    if (kind === 'Job') return [];
    chooseStages(container.args ?? [], config);
    const graceMs = 1_000 * (spec.template.spec.terminationGracePeriodSeconds ?? 30);
    return [...unreachable(config), ...killed(config, graceMs)];
  } catch (error) {
    return [`would not start: ${describeError(error)}`];
  }
}

function unreachable({ HOST, METRICS_HOST, ADMIN_KEY }: Config): string[] {
  for (const [name, host] of Object.entries({ HOST, METRICS_HOST })) {
    if (host !== '0.0.0.0') return [`${name}=${host}: nobody outside of the pod reaches it`];
  }
  return ADMIN_KEY ? [] : ['ADMIN_KEY is missing'];
}

function killed({ DRAIN_MS }: Config, graceMs: number): string[] {
  if (DRAIN_MS === 0) return ['DRAIN_MS is 0: requests are lost when it ends'];
  const endMs = DRAIN_MS + STOP_MS;
  return graceMs > endMs ? [] : [`is killed after ${graceMs} ms, and may need ${endMs} to end`];
}

/** As many gateways as the autoscaler may make, a partition for each, and as many copies as can be. */
function topicFaults(manifests: readonly Manifest[]): string[] {
  const workloads = workloadsOf(manifests);
  const gateway = workloads.find(({ metadata }) => metadata.name === 'gateway');
  const topics = workloads.find(({ metadata }) => metadata.name === 'topics');
  const [container] = gateway?.spec.template.spec.containers ?? [];
  if (!gateway || !container || !topics) return [];
  const count = Number(settingsOf(container, manifests)['GATEWAY_COUNT'] ?? 1);
  const scaler = manifests.find(({ kind, metadata }) =>
    kind === 'HorizontalPodAutoscaler' && metadata.name === 'gateway'
  );
  const most = Number(scaler?.spec?.['maxReplicas'] ?? gateway.spec.replicas ?? 1);
  const args = topics.spec.template.spec.containers[0]?.args ?? [];
  const flag = (name: string): number => Number(args[args.indexOf(name) + 1]);
  const partitions = flag('--partitions');
  const kafka = workloads.find(({ metadata }) => metadata.name === 'kafka');
  const copies = Math.min(3, kafka?.spec.replicas ?? 1);
  return [
    ...(count === most ? [] : [`GATEWAY_COUNT is ${count}, and there may be ${most} gateways`]),
    ...(count <= partitions ? [] : [`${count} gateways share ${partitions} partitions`]),
    ...(flag('--replication') === copies ? [] : [`topics are not made with ${copies} copies`]),
  ];
}

function fromMaps({ envFrom = [] }: Container, manifests: readonly Manifest[]) {
  return envFrom.map(({ configMapRef }) => mapOf(configMapRef?.name, manifests));
}

function mapOf(name: string | undefined, manifests: readonly Manifest[]): Record<string, string> {
  const found = manifests.find((one) => one.kind === 'ConfigMap' && one.metadata.name === name);
  return found?.data ?? {};
}

function references(env: readonly EnvVariable[]): Set<string> {
  const names = env.flatMap(({ value = '' }) => [...value.matchAll(REFERENCE)]);
  return new Set(names.map(([, name]) => name!));
}
