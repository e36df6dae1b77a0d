/** Every file of Prometheus and Grafana reaches their pods: kustomize takes no patterns. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
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

interface Service {
  kind: string;
  metadata: { name: string };
  spec: { clusterIP?: string; publishNotReadyAddresses?: boolean };
}

test('Prometheus finds the pods that are not ready, too', () => {
  const services = globSync('{base,components/monitoring}/*.yaml', { cwd: MANIFESTS_DIR })
    .flatMap((file) => parseAllDocuments(readFileSync(join(MANIFESTS_DIR, file), 'utf8')))
    .map((document) => document.toJS() as Service)
    .filter(({ kind }) => kind === 'Service');
  const { scrape_configs } = parse(
    readFileSync(join(MANIFESTS_DIR, 'components/monitoring/prometheus.yml'), 'utf8'),
  ) as { scrape_configs: { dns_sd_configs?: { names: string[] }[] }[] };
  const names = scrape_configs.flatMap((job) => job.dns_sd_configs ?? []).flatMap((dns) =>
    dns.names
  );
  expect(names).toContain('gateway-pods');
  for (const name of names) {
    expect(services.find(({ metadata }) => metadata.name === name)?.spec, name)
      .toMatchObject({ clusterIP: 'None', publishNotReadyAddresses: true });
  }
});
