/** Every file of Prometheus and Grafana reaches their pods: kustomize takes no patterns. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { MANIFESTS_DIR } from './base-manifests.ts';

interface Kustomization {
  configMapGenerator: { name: string; files: string[] }[];
}

test.each([
  ['prometheus', 'prometheus-rules', 'rules/*.yaml'],
  ['grafana', 'grafana-dashboards', 'dashboards/*.json'],
  ['grafana', 'grafana-datasources', 'provisioning/datasources/*.yaml'],
  ['grafana', 'grafana-providers', 'provisioning/dashboards/*.yaml'],
])('manifests/%s/kustomization.yaml: %s has all of %s', (folder, name, pattern) => {
  const dir = join(MANIFESTS_DIR, folder);
  const { configMapGenerator } = parse(
    readFileSync(join(dir, 'kustomization.yaml'), 'utf8'),
  ) as Kustomization;
  const { files } = configMapGenerator.find((one) => one.name === name)!;
  expect(files.toSorted()).toEqual(globSync(pattern, { cwd: dir }).sort());
});
