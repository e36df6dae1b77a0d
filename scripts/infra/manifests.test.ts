import { expect, test } from 'vitest';
import { readBase } from './base-manifests.ts';
import { OVERLAYS, renderOverlay } from './kustomize.ts';
import { type Manifest, parseManifests, type Workload, workloadsOf } from './manifest.ts';
import { manifestFaults } from './manifest-faults.ts';

test('the base is without faults', () => {
  const manifests = readBase();
  expect(workloadsOf(manifests).length).toBeGreaterThan(9);
  expect(manifestFaults(manifests)).toEqual([]);
});

const rendered = await Promise.all(OVERLAYS.map((overlay) => renderOverlay(overlay)));

test.for(OVERLAYS.map((overlay, index) => ({ overlay, text: rendered[index] })))(
  'overlay $overlay is without faults',
  ({ text }, { skip }) => {
    if (text === undefined) return skip('kubectl, which renders overlays, is not installed');
    expect(manifestFaults(parseManifests(text))).toEqual([]);
  },
);

/** Each breaks the base in one way. */
const BREAKS: Record<string, [change: (find: Finder) => void, fault: string]> = {
  'a probe is gone': [
    (find) => delete container(find('Deployment', 'auction')).readinessProbe,
    'Deployment auction, helios: readinessProbe is missing',
  ],
  'memory has no limit': [
    (find) => container(find('StatefulSet', 'kafka')).resources = {},
    'StatefulSet kafka, kafka: the limit of memory is missing',
  ],
  'the root file system can be written': [
    (find) => container(find('StatefulSet', 'redis')).securityContext = {},
    'StatefulSet redis, redis: the root file system can be written',
  ],
  'an image of no version': [
    (find) => container(find('Deployment', 'web')).image = 'registry.example.com:5000/helios',
    'Deployment web, helios: registry.example.com:5000/helios names no version',
  ],
  'a volume is missing': [
    (find) => pod(find('Deployment', 'web')).volumes = [],
    'Deployment web, helios: mounts tmp, which is no volume',
  ],
  'variables of Services get in': [
    (find) => pod(find('Deployment', 'profile')).enableServiceLinks = true,
    'Deployment profile: variables of Services would get into the settings',
  ],
  'it is killed while it closes': [
    (find) => pod(find('StatefulSet', 'gateway')).terminationGracePeriodSeconds = 26,
    'StatefulSet gateway: is killed after 26000 ms, and may need 26000 to end',
  ],
  'one of them is elsewhere': [
    (find) => find('Deployment', 'web').metadata.namespace = 'elsewhere',
    'Deployment web: is in the namespace elsewhere, not undefined',
  ],
  'a Service finds nobody': [
    (find) => find('Service', 'web').spec!['selector'] = { app: 'wed' },
    'Service web: selects no pods: {"app":"wed"}',
  ],
  'a Service has another port': [
    (find) => find('Service', 'profile').spec!['ports'] = [{ port: 50051, targetPort: 'rpc' }],
    'Service profile: the port rpc is none of its pods',
  ],
  'a disruption budget finds nobody': [
    (find) =>
      find('PodDisruptionBudget', 'kafka').spec!['selector'] = { matchLabels: { app: 'kafkas' } },
    'PodDisruptionBudget kafka: selects no pods: {"app":"kafkas"}',
  ],
  'an autoscaler scales what is not there': [
    (find) => (find('Deployment', 'auction').metadata.name = 'auctions'),
    'HorizontalPodAutoscaler auction: scales Deployment auction, which is not there',
  ],
  'an autoscaler and the workload both scale': [
    (find) => (find('Deployment', 'auction') as Workload).spec.replicas = 3,
    'HorizontalPodAutoscaler auction: Deployment auction sets replicas too',
  ],
  'the public door leads nowhere': [
    (find) => (find('Service', 'gateway').metadata.name = 'door'),
    'Ingress gateway: leads to gateway:http, which is not there',
  ],
  'pods may all be on one node': [
    (find) => pod(find('Deployment', 'auction')).topologySpreadConstraints = [],
    'Deployment auction: is not spread over nodes',
  ],
  'a setting that is none': [
    (find) => setEnv(find('Deployment', 'bidding-house'), 'BIDING_GROUP', 'house'),
    'Deployment bidding-house: BIDING_GROUP is no setting: see npm run help',
  ],
  'a value that is not allowed': [
    (find) => setEnv(find('StatefulSet', 'gateway'), 'TMAX_DEFAULT', '5'),
    'StatefulSet gateway: would not start: TMAX_DEFAULT="5": allowed is a whole number, 10 to 10000',
  ],
  'stages that cannot be together': [
    (find) => container(find('Deployment', 'web')).env = [],
    'Deployment web: would not start: Cannot host web without analytics: ' +
    'set ANALYTICS_URL or add the stage',
  ],
  'a key the secret does not have': [
    (find) =>
      container(find('Deployment', 'web')).env!.push({
        name: 'CLICKHOUSE_TOKEN',
        valueFrom: { secretKeyRef: { name: 'helios-secrets', key: 'TOKEN' } },
      }),
    'Deployment web: the Secret helios-secrets has no TOKEN',
  ],
  'a password that is put in before it is there': [
    (find) => container(find('Deployment', 'profile')).env!.reverse(),
    'Deployment profile: REDIS_URL uses REDIS_PASSWORD, which does not come before it',
  ],
  'more gateways than partitions are for': [
    (find) => find('HorizontalPodAutoscaler', 'gateway').spec!['maxReplicas'] = 8,
    'GATEWAY_COUNT is 6, and there may be 8 gateways',
  ],
  'topics that one broker takes with it': [
    (find) => container(find('Job', 'topics')).args = ['create', '--partitions', '12'],
    'topics are not made with 3 copies',
  ],
  'an address that is none': [
    (find) => setEnv(find('Deployment', 'web'), 'ANALYTICS_URL', 'http://analytics:80'),
    'Deployment web: ANALYTICS_URL is analytics:80, which no Service has',
  ],
  'a broker that will never be': [
    (find) => (find('StatefulSet', 'kafka') as Workload).spec.replicas = 2,
    'Deployment auction: KAFKA_BROKERS is kafka-2.kafka:9092, a pod that will never be',
  ],
  'nobody lets it in': [
    (find) => find('NetworkPolicy', 'to-clickhouse').spec!['ingress'] = [],
    'Deployment analytics: CLICKHOUSE_URL is clickhouse:8123, ' +
    'where no NetworkPolicy lets analytics in',
  ],
};

test.for(Object.entries(BREAKS))('a fault is found: %s', ([, [change, fault]]) => {
  const manifests = readBase();
  change((kind, name) => {
    const found = manifests.find((one) => one.kind === kind && one.metadata.name === name);
    if (!found) throw new Error(`There is no ${kind} ${name}`);
    return found;
  });
  expect(manifestFaults(manifests)).toContain(fault);
});

type Finder = (kind: string, name: string) => Manifest;

function pod(manifest: Manifest) {
  return (manifest as Workload).spec.template.spec;
}

function container(manifest: Manifest) {
  return pod(manifest).containers[0]!;
}

function setEnv(manifest: Manifest, name: string, value: string): void {
  container(manifest).env = [
    ...(container(manifest).env ?? []).filter((one) => one.name !== name),
    { name, value },
  ];
}
