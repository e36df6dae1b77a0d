import {
  type Labels,
  type Manifest,
  nameOf,
  podLabels,
  selects,
  type Workload,
  workloadsOf,
} from './manifest.ts';

/** Selectors that find nothing, and names of what is not there. The API server accepts all of these. */
export function referenceFaults(manifests: readonly Manifest[]): string[] {
  const workloads = workloadsOf(manifests);
  return namespaceFaults(manifests).concat(manifests.flatMap((one) => {
    const check = CHECKS[one.kind];
    return check ? check(one, workloads, manifests).map((fault) => `${nameOf(one)}: ${fault}`) : [];
  }));
}

/** A component's objects are in no namespace unless the overlay names one. */
function namespaceFaults(manifests: readonly Manifest[]): string[] {
  const inside = manifests.filter(({ kind }) => kind !== 'Namespace');
  const expected = inside[0]?.metadata.namespace;
  return inside.filter(({ metadata }) => metadata.namespace !== expected).map((one) =>
    `${nameOf(one)}: is in the namespace ${one.metadata.namespace ?? 'default'}, not ${expected}`
  );
}

type Check = (one: Manifest, workloads: readonly Workload[], all: readonly Manifest[]) => string[];

const CHECKS: Readonly<Record<string, Check>> = {
  Service: serviceFaults,
  PodDisruptionBudget: (one, workloads) => {
    const { selector } = one.spec as { selector: { matchLabels: Labels } };
    return found(selector.matchLabels, workloads);
  },
  HorizontalPodAutoscaler: autoscalerFaults,
  Ingress: ingressFaults,
  Deployment: workloadFaults,
  StatefulSet: workloadFaults,
  Job: (one, _, all) => mapFaults(one as Workload, all),
};

function serviceFaults(one: Manifest, workloads: readonly Workload[]): string[] {
  const { selector, ports } = one.spec as {
    selector: Labels;
    ports: { targetPort: string | number }[];
  };
  const chosen = workloads.filter((workload) => selects(selector, podLabels(workload)));
  const open = chosen.flatMap(({ spec }) => spec.template.spec.containers)
    .flatMap((container) => container.ports ?? []);
  return [
    ...found(selector, workloads),
    ...ports.filter(({ targetPort }) =>
      !open.some((port) => port.name === targetPort || port.containerPort === targetPort)
    ).map(({ targetPort }) => `the port ${targetPort} is none of its pods`),
  ];
}

function autoscalerFaults(one: Manifest, workloads: readonly Workload[]): string[] {
  const { scaleTargetRef: target, minReplicas, maxReplicas } = one.spec as {
    scaleTargetRef: { kind: string; name: string };
    minReplicas: number;
    maxReplicas: number;
  };
  const workload = workloads.find((other) =>
    other.kind === target.kind && other.metadata.name === target.name
  );
  if (!workload) return [`scales ${target.kind} ${target.name}, which is not there`];
  return [
    ...(minReplicas > maxReplicas ? [`at least ${minReplicas}, at most ${maxReplicas}`] : []),
    // Every apply would set it back.
    ...(workload.spec.replicas === undefined ? [] : [`${nameOf(workload)} sets replicas too`]),
  ];
}

function ingressFaults(one: Manifest, _: unknown, all: readonly Manifest[]): string[] {
  const { rules } = one.spec as {
    rules: {
      http: { paths: { backend: { service: { name: string; port: { name: string } } } }[] };
    }[];
  };
  return rules.flatMap(({ http }) => http.paths).flatMap(({ backend: { service } }) => {
    const target = all.find(({ kind, metadata }) =>
      kind === 'Service' && metadata.name === service.name
    );
    const ports = target?.spec?.['ports'] as { name: string }[] | undefined;
    const open = ports?.some(({ name }) => name === service.port.name);
    return open ? [] : [`leads to ${service.name}:${service.port.name}, which is not there`];
  });
}

function workloadFaults(one: Manifest, _: unknown, all: readonly Manifest[]): string[] {
  const workload = one as Workload;
  const { selector, serviceName, replicas, template } = workload.spec;
  const labels = podLabels(workload);
  const scaled = all.some(({ kind, spec }) =>
    kind === 'HorizontalPodAutoscaler' &&
    (spec?.['scaleTargetRef'] as { name: string }).name === one.metadata.name
  );
  const spread = template.spec.topologySpreadConstraints ?? [];
  const services = all.filter(({ kind }) => kind === 'Service').map(({ metadata }) =>
    metadata.name
  );
  return [
    ...(selects(selector!.matchLabels, labels) ? [] : ['selects other pods than it makes']),
    ...((scaled || (replicas ?? 1) > 1) &&
        !spread.some(({ labelSelector }) => selects(labelSelector.matchLabels, labels))
      ? ['is not spread over nodes']
      : []),
    ...(serviceName === undefined || services.includes(serviceName)
      ? []
      : [`the Service ${serviceName} is not there`]),
    ...mapFaults(workload, all),
  ];
}

/** Maps are always ours; secrets may be somebody else's. */
function mapFaults({ spec }: Workload, all: readonly Manifest[]): string[] {
  const { containers, volumes = [] } = spec.template.spec;
  const wanted = [
    ...containers.flatMap(({ envFrom = [] }) => envFrom.map(({ configMapRef }) => configMapRef)),
    ...containers.flatMap(({ env = [] }) => env.map((one) => one.valueFrom?.configMapKeyRef)),
    ...volumes.map(({ configMap }) => configMap),
  ].flatMap((one) => one ? [one.name] : []);
  const there = all.filter(({ kind }) => kind === 'ConfigMap').map(({ metadata }) => metadata.name);
  return wanted.filter((name) => !there.includes(name))
    .map((name) => `the ConfigMap ${name} is not there`);
}

function found(selector: Labels, workloads: readonly Workload[]): string[] {
  return workloads.some((workload) => selects(selector, podLabels(workload)))
    ? []
    : [`selects no pods: ${JSON.stringify(selector)}`];
}
