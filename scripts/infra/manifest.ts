/** Objects of Kubernetes as far as the checks look into them. */
import { parseAllDocuments } from 'yaml';

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Labels; annotations?: Labels };
  spec?: Record<string, unknown>;
  data?: Record<string, string>;
}
export type Labels = Record<string, string>;

export interface Workload extends Manifest {
  kind: 'Deployment' | 'StatefulSet' | 'Job';
  spec: {
    replicas?: number;
    selector?: { matchLabels: Labels };
    serviceName?: string;
    template: { metadata?: { labels?: Labels; annotations?: Labels }; spec: PodSpec };
    volumeClaimTemplates?: { metadata: { name: string } }[];
  };
}

export interface PodSpec {
  serviceAccountName?: string;
  automountServiceAccountToken?: boolean;
  enableServiceLinks?: boolean;
  terminationGracePeriodSeconds?: number;
  securityContext?: Record<string, unknown> & { seccompProfile?: { type: string } };
  topologySpreadConstraints?: { labelSelector: { matchLabels: Labels } }[];
  containers: Container[];
  initContainers?: Container[];
  volumes?: { name: string; configMap?: { name: string } }[];
}

export interface Container {
  name: string;
  image: string;
  args?: string[];
  env?: EnvVariable[];
  envFrom?: { configMapRef?: { name: string }; secretRef?: { name: string } }[];
  ports?: { name: string; containerPort: number }[];
  startupProbe?: unknown;
  livenessProbe?: unknown;
  readinessProbe?: unknown;
  resources?: { requests?: Labels; limits?: Labels };
  securityContext?: Record<string, unknown> & { capabilities?: { drop?: string[] } };
  volumeMounts?: { name: string }[];
}

export interface EnvVariable {
  name: string;
  value?: string;
  valueFrom?: {
    secretKeyRef?: { name: string; key: string };
    configMapKeyRef?: { name: string; key: string };
    fieldRef?: { fieldPath: string };
  };
}

/** @throws an Error that names the line of what is no YAML. */
export function parseManifests(text: string): Manifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [error] = document.errors;
    if (error) throw error;
    const value = document.toJS() as Manifest | null;
    return value === null ? [] : [value];
  });
}

export function workloadsOf(manifests: readonly Manifest[]): Workload[] {
  return manifests.filter((one): one is Workload =>
    one.kind === 'Deployment' || one.kind === 'StatefulSet' || one.kind === 'Job'
  );
}

/** Processes of Helios, among engines. */
export function isHelios(container: Container): boolean {
  return container.name === 'helios';
}

/** Whether pods with these labels are among those selected. */
export function selects(selector: Labels, labels: Labels = {}): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

export function podLabels({ spec }: Workload): Labels {
  return spec.template.metadata?.labels ?? {};
}

/** `Deployment auction`, for messages. */
export function nameOf({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata.name}`;
}
