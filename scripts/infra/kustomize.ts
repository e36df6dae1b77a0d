/** Overlays as they reach a cluster. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { lastLines, runTool } from '../engines/run-tool.ts';
import { MANIFESTS_DIR } from './base-manifests.ts';

export const OVERLAYS = readdirSync(join(MANIFESTS_DIR, 'overlays')).sort();

export function overlayDir(overlay: string): string {
  return join(MANIFESTS_DIR, 'overlays', overlay);
}

/** Its YAML; undefined when there is no kubectl. */
export async function renderOverlay(
  overlay: string,
  kubectl = 'kubectl',
): Promise<string | undefined> {
  const { code, output } = await runTool(kubectl, ['kustomize', overlayDir(overlay)]);
  if (code === undefined) return undefined;
  if (code !== 0) throw new Error(`Cannot render ${overlay}: kustomize says\n${lastLines(output)}`);
  return output;
}
