import {
  type Container,
  type Manifest,
  nameOf,
  type PodSpec,
  type Workload,
  workloadsOf,
} from './manifest.ts';

/** What every pod and container must say of itself: security, probes, memory, how it ends. */
export function containerFaults(manifests: readonly Manifest[]): string[] {
  return workloadsOf(manifests).flatMap((workload) => {
    const pod = workload.spec.template.spec;
    const containers = [...pod.containers, ...pod.initContainers ?? []];
    return [
      ...podFaults(pod).map((fault) => `${nameOf(workload)}: ${fault}`),
      ...containers.flatMap((container) =>
        ofContainer(container, workload).map((fault) =>
          `${nameOf(workload)}, ${container.name}: ${fault}`
        )
      ),
    ];
  });
}

function podFaults(pod: PodSpec): string[] {
  const { securityContext = {} } = pod;
  return failing([
    [securityContext['runAsNonRoot'] === true, 'runAsNonRoot is missing'],
    [typeof securityContext['runAsUser'] === 'number', 'runAsUser is missing'],
    [securityContext.seccompProfile?.type === 'RuntimeDefault', 'seccompProfile is missing'],
    [pod.automountServiceAccountToken === false, 'a token of the API server is mounted'],
    [pod.serviceAccountName !== undefined, 'serviceAccountName is missing'],
    // A Service called `profile` sets PROFILE_PORT=tcp://…
    [pod.enableServiceLinks === false, 'variables of Services would get into the settings'],
  ]);
}

function ofContainer(container: Container, { kind, spec }: Workload): string[] {
  const { securityContext = {}, resources = {}, image, volumeMounts = [] } = container;
  const pod = spec.template.spec;
  const volumes = [
    ...(pod.volumes ?? []).map(({ name }) => name),
    ...(spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata.name),
  ];
  const unknown = volumeMounts.map(({ name }) => name).filter((name) => !volumes.includes(name));
  const probes = kind === 'Job' ? [] : ['startupProbe', 'livenessProbe', 'readinessProbe'] as const;
  return failing([
    ...probes.map((name): Check => [container[name] !== undefined, `${name} is missing`]),
    [securityContext['readOnlyRootFilesystem'] === true, 'the root file system can be written'],
    [securityContext['allowPrivilegeEscalation'] === false, 'privileges can be escalated'],
    [
      securityContext.capabilities?.drop?.includes('ALL') === true,
      'capabilities are not all dropped',
    ],
    [resources.limits?.['memory'] !== undefined, 'the limit of memory is missing'],
    [resources.requests?.['memory'] !== undefined, 'the request of memory is missing'],
    [resources.requests?.['cpu'] !== undefined, 'the request of CPU is missing'],
    [/:[^:/]+$/.test(image) && !image.endsWith(':latest'), `${image} names no version`],
    [unknown.length === 0, `mounts ${unknown.join(', ')}, which is no volume`],
  ]);
}

type Check = [holds: boolean, fault: string];

function failing(checks: readonly Check[]): string[] {
  return checks.filter(([holds]) => !holds).map(([, fault]) => fault);
}
