import { overlayDir } from '../infra/kustomize.ts';
import { parseManifests } from '../infra/manifest.ts';
import type { Exam } from './exam.ts';
import { type Loose, POD_REFUSALS, type Refusal, REFUSALS } from './refusals.ts';

/** Each mistake is refused, and for its own reason: without it the same object would be taken. */
export async function refusalSteps(exam: Exam, overlay: string): Promise<void> {
  const objects = parseManifests(await exam.kubectl('kustomize', overlayDir(overlay)));
  const find = (kind: string, name: string): Loose => {
    const found = objects.find((one) => one.kind === kind && one.metadata.name === name);
    if (!found) throw new Error(`There is no ${kind} ${name}`);
    return structuredClone(found);
  };
  for (const refusal of REFUSALS) {
    const object = find(refusal.kind, refusal.name);
    await exam.step(`refused: ${refusal.mistake}`, () => refused(exam, object, refusal));
  }
  const { spec, metadata } = find('Deployment', 'auction');
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'stranger', namespace: metadata.namespace },
    spec: spec.template.spec,
  };
  for (const refusal of POD_REFUSALS) {
    const object = structuredClone(pod);
    await exam.step(`refused: ${refusal.mistake}`, () => refused(exam, object, refusal));
  }
}

async function refused(
  exam: Exam,
  object: Loose,
  { change, says }: Pick<Refusal, 'change' | 'says'>,
): Promise<string> {
  const before = await exam.refusalOf(object);
  if (before !== undefined) throw new Error(`it is refused without the mistake too: ${before}`);
  change(object);
  const after = await exam.refusalOf(object);
  if (after === undefined) throw new Error('the API server would take it');
  const [found] = says.exec(after) ?? [];
  if (found === undefined) throw new Error(`refused for another reason: ${after}`);
  return found;
}
