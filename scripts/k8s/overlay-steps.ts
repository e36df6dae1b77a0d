/** An overlay on nodes of its own: applied, ready, spread, and gone again. */
import { overlayDir } from '../infra/kustomize.ts';
import { parseManifests, workloadsOf } from '../infra/manifest.ts';
import type { Exam } from './exam.ts';
import { type NodeSize, simulatedDisks, simulatedNodes } from './simulated-nodes.ts';
import { until } from './until.ts';
import { notReady, spreadOf, workloadStates } from './workloads.ts';

export interface OverlayPlan {
  overlay: string;
  namespace: string;
  nodes: number;
  size: NodeSize;
}

/** Of a persistent volume. */
interface Disk {
  metadata: { name: string };
  status: { phase: string };
}

const DISKS = 12;
/** Seconds are enough where nobody else works. */
const READY_MS = 120_000;
/** Controllers look at volumes every 15 s, and once more when somebody came between. */
const GONE_MS = 180_000;

/** Whatever `then` does happens while it is there. */
export async function withOverlay(
  exam: Exam,
  plan: OverlayPlan,
  then: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const { overlay, namespace, nodes, size } = plan;
  const { api } = exam.plane;
  const nodeObjects = simulatedNodes(nodes, size);
  const disks = simulatedDisks(DISKS);
  await exam.apply([...nodeObjects, ...disks]);
  await exam.step(`${overlay}: applied`, async () => {
    const output = await exam.kubectl('apply', '--server-side', '-k', overlayDir(overlay));
    const again = await exam.kubectl('apply', '--server-side', '-k', overlayDir(overlay));
    return `${linesOf(output)} objects, and the same ${linesOf(again)} once more`;
  });
  await exam.step(`${overlay}: everything ready`, async () => {
    const { ready } = await until(READY_MS, async () => {
      const missing = await notReady(api, namespace);
      if (missing !== '') return missing;
      const states = await workloadStates(api, namespace);
      return { ready: states.reduce((sum, { spec }) => sum + spec.replicas, 0) };
    });
    return `${ready} pods on ${nodes} ${nodes === 1 ? 'node' : 'nodes'} of ${size.cpu} CPU and ` +
      `${size.memoryGi} GiB`;
  });
  if (nodes > 1) await exam.step(`${overlay}: spread over nodes`, () => spread(exam, plan));
  await exam.step(`${overlay}: topics made`, async () => {
    await exam.kubectl('-n', namespace, 'wait', '--for=condition=complete', 'job/topics');
    return 'the job ended';
  });
  await then();
  await exam.step(`${overlay}: removed`, async () => {
    await exam.kubectl('delete', 'namespace', namespace, `--timeout=${GONE_MS / 1_000}s`);
    return 'the namespace is gone';
  });
  await exam.kubectl('delete', '--wait=false', '-f', exam.file([...nodeObjects, ...disks]));
  await until(GONE_MS, async () => {
    const { items } = await api.get<{ items: Disk[] }>('/api/v1/persistentvolumes');
    const held = items.map(({ metadata, status }) => `${metadata.name} ${status.phase}`);
    return items.length === 0 ? items : `still there: ${held.join(', ')}`;
  });
}

/** No node has two more pods of a workload than another. */
async function spread(exam: Exam, { namespace, nodes, overlay }: OverlayPlan): Promise<string> {
  const rendered = await exam.kubectl('kustomize', overlayDir(overlay));
  const apps = workloadsOf(parseManifests(rendered))
    .filter(({ kind, spec }) => kind !== 'Job' && spec.replicas !== 1)
    .map(({ metadata }) => metadata.name);
  const seen: string[] = [];
  for (const app of apps) {
    const counts = [...(await spreadOf(exam.plane.api, namespace, app)).values()];
    if (counts.length === 0) throw new Error(`${app} has no ready pods`);
    const most = Math.max(...counts);
    const least = counts.length < nodes ? 0 : Math.min(...counts);
    if (most - least > 1) throw new Error(`${app} has ${most} on one node and ${least} on another`);
    seen.push(`${app} ${counts.join('+')}`);
  }
  return seen.join(', ');
}

function linesOf(text: string): number {
  return text.trim().split('\n').length;
}
