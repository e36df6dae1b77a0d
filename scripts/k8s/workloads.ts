/** How the workloads of a namespace are. */
import { type Api, isReady, type Pod, podsOf } from './api.ts';

export interface WorkloadState {
  kind: 'Deployment' | 'StatefulSet';
  metadata: { name: string; generation: number };
  spec: { replicas: number };
  status: {
    observedGeneration?: number;
    readyReplicas?: number;
    updatedReplicas?: number;
    replicas?: number;
  };
}
interface Autoscaler {
  spec: { minReplicas: number; scaleTargetRef: { kind: string; name: string } };
}

export async function workloadStates(api: Api, namespace: string): Promise<WorkloadState[]> {
  const kinds = [['Deployment', 'deployments'], ['StatefulSet', 'statefulsets']] as const;
  const lists = await Promise.all(kinds.map(async ([kind, path]) => {
    const { items } = await api.get<{ items: WorkloadState[] }>(
      `/apis/apps/v1/namespaces/${namespace}/${path}`,
    );
    return items.map((item) => ({ ...item, kind }));
  }));
  return lists.flat();
}

/** What is not as it should be, in words; empty when all replicas are of the last version and ready. */
export async function notReady(api: Api, namespace: string): Promise<string> {
  const [states, scalers, pods] = await Promise.all([
    workloadStates(api, namespace),
    api.get<{ items: Autoscaler[] }>(
      `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`,
    ),
    podsOf(api, namespace),
  ]);
  const least = (name: string): number =>
    scalers.items.find(({ spec }) => spec.scaleTargetRef.name === name)?.spec.minReplicas ?? 0;
  const behind = states.filter(({ metadata, spec, status }) =>
    status.observedGeneration !== metadata.generation || spec.replicas < least(metadata.name) ||
    status.readyReplicas !== spec.replicas || status.updatedReplicas !== spec.replicas ||
    status.replicas !== spec.replicas
  ).map(({ metadata, spec, status }) =>
    `${metadata.name} has ${status.readyReplicas ?? 0} of ${spec.replicas}`
  );
  return [...behind, ...whyPending(pods)].join('; ');
}

/** Where the ready pods of an app are: how many on each node. */
export async function spreadOf(
  api: Api,
  namespace: string,
  app: string,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const pod of await podsOf(api, namespace, `app=${app}`)) {
    const node = pod.spec.nodeName;
    if (node && isReady(pod)) counts.set(node, (counts.get(node) ?? 0) + 1);
  }
  return counts;
}

function whyPending(pods: readonly Pod[]): string[] {
  return pods.flatMap(({ metadata, status }) => {
    const condition = status.conditions?.find(({ type }) => type === 'PodScheduled');
    return condition?.status === 'False' ? [`${metadata.name}: ${condition.message}`] : [];
  });
}
