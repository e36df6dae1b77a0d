/**
 * The base as kustomize would render it, as far as this project uses it there: resources, the patch of
 * all stages, maps made of files. So its rules are tested where no kubectl is; overlays need one.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { type Manifest, parseManifests, workloadsOf } from './manifest.ts';

export const MANIFESTS_DIR = fileURLToPath(new URL('../../manifests/', import.meta.url));

interface Kustomization {
  resources: string[];
  configMapGenerator: { name: string; envs?: string[]; files?: string[] }[];
  images: { name: string; newName?: string; newTag: string }[];
}

export function readBase(): Manifest[] {
  const read = (file: string): string => readFileSync(join(MANIFESTS_DIR, 'base', file), 'utf8');
  const { resources, configMapGenerator, images } = parse(
    read('kustomization.yaml'),
  ) as Kustomization;
  const manifests = resources.flatMap((file) => parseManifests(read(file)));
  const [stage] = parseManifests(read('stage.yaml'));
  for (const workload of workloadsOf(manifests)) {
    if (workload.metadata.labels?.['tier'] === 'stage') {
      workload.spec = merged(workload.spec, stage!.spec) as typeof workload.spec;
    }
    for (const container of workload.spec.template.spec.containers) {
      const image = images.find(({ name }) => name === container.image);
      if (image) container.image = `${image.newName ?? image.name}:${image.newTag}`;
    }
  }
  const maps = configMapGenerator.map(({ name, envs = [], files = [] }): Manifest => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data: Object.fromEntries([
      ...envs.flatMap((file) => envLines(read(file))),
      ...files.map((file) => [file.replace(/.*\//, ''), read(file)]),
    ]),
  }));
  return [...manifests, ...maps];
}

/** A strategic merge: the patch wins, and lists of things with names are merged by them. */
export function merged(value: unknown, patch: unknown): unknown {
  if (Array.isArray(value) && Array.isArray(patch)) {
    if (![...value, ...patch].every(hasName)) return patch;
    const known = new Set(value.map(({ name }) => name));
    return [
      ...patch.filter(({ name }) => !known.has(name)),
      ...value.map((one) => merged(one, patch.find(({ name }) => name === one.name) ?? {})),
    ];
  }
  if (!isObject(value) || !isObject(patch)) return patch === undefined ? value : patch;
  const keys = new Set([...Object.keys(value), ...Object.keys(patch)]);
  return Object.fromEntries([...keys].map((key) => [key, merged(value[key], patch[key])]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasName(value: unknown): value is { name: string } {
  return isObject(value) && typeof value['name'] === 'string';
}

function envLines(text: string): [string, string][] {
  return text.split('\n').filter((line) => /^\w+=/.test(line))
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
}
