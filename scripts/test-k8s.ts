/** `npm run test:k8s`: the manifests on a real control plane with simulated nodes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { describeError } from '#shared/log.ts';
import { replaceBlocks } from '../benchmarks/kafka/docs.ts';
import { parseFlags, toggle } from './flags.ts';
import { changeSteps } from './k8s/change-steps.ts';
import { type ControlPlane, startControlPlane } from './k8s/control-plane.ts';
import { Exam, type Step } from './k8s/exam.ts';
import { startMetricsStub } from './k8s/metrics-stub.ts';
import { withOverlay } from './k8s/overlay-steps.ts';
import { KUBERNETES_VERSION, kubernetesPrograms } from './k8s/programs.ts';
import { refusalSteps } from './k8s/refusal-steps.ts';
import { PROJECT_DIR } from './load/runtime-command.ts';

const { values: flags } = parseFlags({
  build: toggle('only builds the programs: minutes, once'),
  docs: toggle('writes what came of it into docs/operations.md'),
}, {
  command: 'npm run test:k8s --',
  about:
    `Applies the overlays of manifests/ to a real Kubernetes ${KUBERNETES_VERSION}: etcd, API server,
controllers and scheduler, with nodes and pods that kwok plays. Go builds them at the first run.`,
});

/** Of the three; the one of dev is smaller. */
const NODE = { cpu: 8, memoryGi: 16 };
const SMALL_NODE = { cpu: 4, memoryGi: 8 };
const DOCS = join(PROJECT_DIR, 'docs', 'operations.md');

try {
  if (flags.build) await kubernetesPrograms();
  else process.exitCode = await main();
} catch (error) {
  console.error(describeError(error));
  process.exitCode = 1;
}

async function main(): Promise<number> {
  const begun = performance.now();
  const plane = await startControlPlane();
  const scratch = mkdtempSync(join(tmpdir(), 'helios-k8s-files-'));
  try {
    console.log(`Kubernetes ${KUBERNETES_VERSION} answers after ${secondsSince(begun)} s`);
    const exam = new Exam(plane, scratch);
    await examine(exam, plane);
    const passed = exam.steps.length - exam.failed;
    console.log(`\n${passed} passed, ${exam.failed} failed in ${secondsSince(begun)} s`);
    if (flags.docs) writeDocs(exam.steps, secondsSince(begun));
    return exam.failed === 0 ? 0 : 1;
  } finally {
    await plane.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function examine(exam: Exam, plane: ControlPlane): Promise<void> {
  const metrics = await startMetricsStub(plane);
  try {
    await exam.apply(metrics.objects);
    const namespace = 'helios';
    await withOverlay(exam, {
      overlay: 'dev',
      namespace: 'helios-dev',
      nodes: 1,
      size: SMALL_NODE,
    });
    await withOverlay(
      exam,
      { overlay: 'three-nodes', namespace, nodes: 3, size: NODE },
      async () => {
        await refusalSteps(exam, 'three-nodes');
        await changeSteps(exam, namespace, metrics);
      },
    );
    metrics.use('gateway', 0);
    await withOverlay(exam, { overlay: 'three-nodes-fused', namespace, nodes: 3, size: NODE });
  } finally {
    await metrics.stop();
  }
}

function writeDocs(steps: readonly Step[], seconds: string): void {
  const rows = steps.map(({ name, passed, detail }) =>
    `| ${name} | ${passed ? 'yes' : '**no**'} | ${cell(detail)} |`
  );
  const today = new Date().toISOString().slice(0, 10);
  const block = [
    `Run of ${today}, Kubernetes ${KUBERNETES_VERSION}, ${seconds} s:`,
    '',
    '| step | held | seen |',
    '| --- | --- | --- |',
    ...rows,
  ].join('\n');
  writeFileSync(DOCS, replaceBlocks(readFileSync(DOCS, 'utf8'), { k8s: block }));
}

function cell(text: string): string {
  return text.replace(/\s+/g, ' ').replaceAll('|', '\\|').slice(0, 200);
}

function secondsSince(begun: number): string {
  return ((performance.now() - begun) / 1_000).toFixed(0);
}
