/** What happens to a cluster in its life: roll-outs, a node that is emptied, load that grows. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isReady, podsOf } from './api.ts';
import type { Exam } from './exam.ts';
import type { MetricsStub } from './metrics-stub.ts';
import { until } from './until.ts';
import { notReady, spreadOf, workloadStates } from './workloads.ts';

const SETTLED_MS = 90_000;
/**
 * A budget believes for two minutes that an evicted pod is still to go when its successor, of the same
 * name, is there before it has looked; kubectl asks again until then.
 */
const DRAIN_PATIENCE = '--timeout=180s';

export async function changeSteps(
  exam: Exam,
  namespace: string,
  metrics: MetricsStub,
): Promise<void> {
  const { api } = exam.plane;
  const kubectl = (...args: string[]) => exam.kubectl('-n', namespace, ...args);
  const settled = () =>
    until(SETTLED_MS, async () => {
      const missing = await notReady(api, namespace);
      return missing === '' ? {} : missing;
    });

  await exam.step('gateways know their number', async () => {
    const pods = await podsOf(api, namespace, 'app=gateway');
    const numbers = pods.map(({ metadata }) => metadata.labels['apps.kubernetes.io/pod-index']);
    if (numbers.toSorted().join() !== '0,1,2') throw new Error(`they are ${numbers}`);
    return 'pod-index 0, 1, 2';
  });

  await exam.step('roll-out: never fewer than before', async () => {
    const before = new Map(
      (await workloadStates(api, namespace)).map(({ metadata, spec }) => [
        metadata.name,
        spec.replicas,
      ]),
    );
    const lowest = new Map(before);
    const watching = new AbortController();
    const watched = watchReady(exam, namespace, lowest, watching.signal);
    try {
      await kubectl('rollout', 'restart', 'deployment');
      await kubectl('rollout', 'restart', 'statefulset/gateway');
      await settled();
    } finally {
      watching.abort();
    }
    await watched;
    for (const [name, least] of lowest) {
      // A StatefulSet makes room first, one pod at a time.
      const allowed = before.get(name)! - (name === 'gateway' ? 1 : 0);
      if (least < allowed) throw new Error(`${name} went down to ${least} of ${before.get(name)}`);
    }
    return 'all deployments kept their number, gateway was one short';
  });

  await exam.step('roll-out: a version that cannot start takes nothing away', async () => {
    const patch = { resources: { requests: { cpu: '900' } } };
    const containers = [{ name: 'helios', ...patch }];
    const body = JSON.stringify({ spec: { template: { spec: { containers } } } });
    await kubectl('patch', 'deployment', 'auction', '--type=strategic', '-p', body);
    await until(SETTLED_MS, async () => {
      const missing = await notReady(api, namespace);
      return /auction-.*Insufficient cpu/.test(missing) ? {} : 'nothing is pending';
    });
    const serving = [...(await spreadOf(api, namespace, 'auction')).values()];
    const count = serving.reduce((sum, one) => sum + one, 0);
    if (count !== 3) throw new Error(`${count} are left`);
    await kubectl('rollout', 'undo', 'deployment/auction');
    await settled();
    return '3 of the old one go on, and undo brings them back as the only ones';
  });

  await exam.step('disruption budget: a second broker may not go', async () => {
    const nodes = await exam.kubectl('get', 'nodes', '-o', 'name');
    const names = nodes.trim().split('\n').map((name) => name.replace('node/', ''));
    await exam.kubectl('cordon', ...names);
    const evict = (pod: string) => {
      const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod } };
      return api.post(`/api/v1/namespaces/${namespace}/pods/${pod}/eviction`, eviction);
    };
    const first = await evict('kafka-0');
    const second = await evict('kafka-1');
    await exam.kubectl('uncordon', ...names);
    await settled();
    if (first.status !== 201) throw new Error(`not even one may go: ${first.message}`);
    if (second.status !== 429) throw new Error(`${second.status} ${second.message}`);
    return second.message;
  });

  await exam.step('drain: a node is emptied, and everything else serves', async () => {
    await exam.kubectl('drain', 'node-a', '--delete-emptydir-data', DRAIN_PATIENCE);
    // Brokers and Redis have one node each: theirs wait for it.
    await until(SETTLED_MS, async () => {
      const missing = (await notReady(api, namespace)).split('; ')
        .filter((one) => !/^(kafka|redis)/.test(one)).join('; ');
      return missing === '' ? {} : missing;
    });
    const left = (await podsOf(api, namespace)).filter(({ spec }) => spec.nodeName === 'node-a');
    if (left.length > 0) throw new Error(`${left.map(({ metadata }) => metadata.name)} stayed`);
    const kafka = (await podsOf(api, namespace, 'app=kafka')).filter(isReady).length;
    if (kafka !== 2) throw new Error(`${kafka} brokers are ready`);
    await exam.kubectl('uncordon', 'node-a');
    await settled();
    return '2 of 3 brokers meanwhile, all back after uncordon';
  });

  await exam.step('autoscaler: more load, more gateways', async () => {
    metrics.use('gateway', 1_500);
    const begun = performance.now();
    await until(SETTLED_MS, async () => {
      const states = await workloadStates(api, namespace);
      const gateway = states.find(({ metadata }) => metadata.name === 'gateway')!;
      return gateway.status.readyReplicas === 6 ? {} : `${gateway.status.readyReplicas} gateways`;
    });
    const seconds = ((performance.now() - begun) / 1_000).toFixed(0);
    await settled();
    const pods = await podsOf(api, namespace, 'app=gateway');
    const numbers = pods.map(({ metadata }) => metadata.labels['apps.kubernetes.io/pod-index']);
    return `150 % of what they asked for: 3 became 6 within ${seconds} s, numbers ${
      numbers.toSorted().join(' ')
    }`;
  });
}

/** Keeps the lowest count of ready pods of each workload. */
async function watchReady(
  exam: Exam,
  namespace: string,
  lowest: Map<string, number>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const pods = (await podsOf(exam.plane.api, namespace)).filter(isReady);
    for (const [name, least] of lowest) {
      const ready = pods.filter(({ metadata }) => metadata.labels['app'] === name).length;
      lowest.set(name, Math.min(least, ready));
    }
    await sleep(50);
  }
}
