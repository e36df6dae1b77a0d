import { parseRedisUrl } from '#shared/store/store-url.ts';
import {
  isHelios,
  type Labels,
  type Manifest,
  nameOf,
  podLabels,
  selects,
  type Workload,
  workloadsOf,
} from './manifest.ts';
import { settingsOf } from './settings-faults.ts';

/**
 * Addresses in settings that lead nowhere, or where a NetworkPolicy lets nobody in: not every cluster's
 * network enforces them, so a forgotten one is seen late.
 */
export function networkFaults(manifests: readonly Manifest[]): string[] {
  return workloadsOf(manifests).flatMap((workload) =>
    workload.spec.template.spec.containers.filter(isHelios).flatMap((container) =>
      addressesIn(settingsOf(container, manifests)).flatMap(({ setting, host, port }) => {
        const fault = addressFault(workload, host, port, manifests);
        return fault ? [`${nameOf(workload)}: ${setting} is ${host}:${port}, ${fault}`] : [];
      })
    )
  );
}

interface Address {
  setting: string;
  host: string;
  port: number;
}

function addressesIn(settings: Readonly<Record<string, string>>): Address[] {
  const { KAFKA_BROKERS, USER_PROFILE_SVC_ADDR, ANALYTICS_URL, WEB_URL, CLICKHOUSE_URL } = settings;
  const lists = { KAFKA_BROKERS, USER_PROFILE_SVC_ADDR, ANALYTICS_URL, WEB_URL, CLICKHOUSE_URL };
  const plain = Object.entries(lists).flatMap(([setting, text]) =>
    (text ?? '').split(',').filter(Boolean).map((one) => {
      const [, host = one, port] = /^(?:https?:\/\/)?(?:.*@)?([^:/]+):(\d+)/.exec(one) ?? [];
      return { setting, host, port: Number(port) };
    })
  );
  const redis = settings['REDIS_URL'] ? parseRedisUrl(settings['REDIS_URL']) : undefined;
  const hosts = typeof redis === 'object' ? redis.hosts : [];
  return [...plain, ...hosts.map((host) => ({ setting: 'REDIS_URL', ...host }))];
}

function addressFault(
  from: Workload,
  host: string,
  port: number,
  manifests: readonly Manifest[],
): string | undefined {
  const [first = '', second] = host.split('.');
  const service = manifests.find(({ kind, metadata }) =>
    kind === 'Service' && metadata.name === (second ?? first)
  );
  const { selector = {}, ports = [] } = (service?.spec ?? {}) as {
    selector?: Labels;
    ports?: { port: number; targetPort: string }[];
  };
  const open = ports.find((one) => one.port === port);
  if (!open) return 'which no Service has';
  const target = workloadsOf(manifests).find((one) => selects(selector, podLabels(one)));
  if (!target) return 'which has no pods';
  const ordinal = Number(/-(\d+)$/.exec(first)?.[1]);
  if (second && !(ordinal < (target.spec.replicas ?? 1))) return 'a pod that will never be';
  return letsIn(from, target, open.targetPort, manifests)
    ? undefined
    : `where no NetworkPolicy lets ${from.metadata.name} in`;
}

interface Policy {
  podSelector: Selector;
  policyTypes: string[];
  ingress?: { from?: { podSelector?: Selector }[]; ports?: { port: string | number }[] }[];
}
interface Selector {
  matchLabels?: Labels;
  matchExpressions?: { key: string; operator: string; values: string[] }[];
}

function letsIn(
  from: Workload,
  to: Workload,
  port: string,
  manifests: readonly Manifest[],
): boolean {
  const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy')
    .map(({ spec }) => spec as unknown as Policy)
    .filter(({ podSelector, policyTypes }) =>
      policyTypes.includes('Ingress') && fits(podSelector, podLabels(to))
    );
  if (policies.length === 0) return true;
  return policies.flatMap(({ ingress = [] }) => ingress).some((rule) =>
    (!rule.ports || rule.ports.some((one) => one.port === port)) &&
    (!rule.from ||
      rule.from.some(({ podSelector }) => podSelector && fits(podSelector, podLabels(from))))
  );
}

function fits({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return selects(matchLabels, labels) &&
    matchExpressions.every(({ key, operator, values }) =>
      operator === 'In' && values.includes(labels[key] ?? '')
    );
}
