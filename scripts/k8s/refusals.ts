/** Mistakes that a cluster must refuse: each is one change to an object of an overlay. */

/** As YAML has it; the table reaches deep into it. */
// deno-lint-ignore no-explicit-any -- any object of Kubernetes
export type Loose = Record<string, any>;

export interface Refusal {
  mistake: string;
  kind: string;
  name: string;
  change(object: Loose): void;
  /** In what the API server says. */
  says: RegExp;
}

const of = (
  kind: string,
  name: string,
  mistake: string,
  change: (object: Loose) => void,
  says: RegExp,
): Refusal => ({ mistake, kind, name, change, says });

const container = ({ spec }: Loose): Loose => spec.template.spec.containers[0];

export const REFUSALS: readonly Refusal[] = [
  of('Deployment', 'auction', 'a field that does not exist', (one) => {
    container(one)['readinesProbe'] = container(one)['readinessProbe'];
  }, /field not declared in schema/),
  of('Service', 'gateway', 'a port beyond 65535', (one) => {
    one['spec'].ports[0].port = 99_999;
  }, /must be between 1 and 65535/),
  of('Service', 'kafka', 'two ports of one name', (one) => {
    one['spec'].ports[1].name = 'kafka';
  }, /Duplicate value/),
  of('Deployment', 'web', 'a selector that its pods do not have', (one) => {
    one['spec'].selector.matchLabels.app = 'pages';
  }, /`selector` does not match template `labels`|field is immutable/),
  of('Deployment', 'profile', 'a request above its limit', (one) => {
    container(one)['resources'].requests.memory = '8Gi';
  }, /must be less than or equal to memory limit/),
  of('Deployment', 'profile', 'a quantity that is none', (one) => {
    container(one)['resources'].limits.memory = '512 megabytes';
  }, /quantities must match|unable to parse quantity/),
  of('Deployment', 'auction', 'a mount of no volume', (one) => {
    container(one)['volumeMounts'].push({ name: 'nowhere', mountPath: '/nowhere' });
  }, /volumeMounts\[\d\]\.name: Not found: "nowhere"/),
  of('Deployment', 'auction', 'a sleep longer than its time to end', (one) => {
    container(one)['lifecycle'] = { preStop: { sleep: { seconds: 120 } } };
  }, /less than terminationGracePeriodSeconds/),
  of('StatefulSet', 'gateway', 'a spread of no skew', (one) => {
    one['spec'].template.spec.topologySpreadConstraints[0].maxSkew = 0;
  }, /maxSkew: Invalid value: 0/),
  of('StatefulSet', 'kafka', 'another disk for a set that is there', (one) => {
    one['spec'].volumeClaimTemplates[0].spec.resources.requests.storage = '500Gi';
  }, /updates to statefulset spec for fields other than/),
  of('PodDisruptionBudget', 'kafka', 'a budget with a least and a most', (one) => {
    one['spec'].minAvailable = 2;
  }, /minAvailable and maxUnavailable cannot be both set/),
  of('HorizontalPodAutoscaler', 'gateway', 'fewer at most than at least', (one) => {
    one['spec'].maxReplicas = 1;
  }, /must be greater than or equal to `minReplicas`/),
  of('NetworkPolicy', 'to-kafka', 'a direction that is none', (one) => {
    one['spec'].policyTypes = ['Inward'];
  }, /Unsupported value: "Inward"/),
  of('Ingress', 'gateway', 'a path without its slash', (one) => {
    one['spec'].rules[0].http.paths[0].path = 'bid';
  }, /must be an absolute path/),
  of('Job', 'topics', 'a job that is always started again', (one) => {
    one['spec'].template.spec.restartPolicy = 'Always';
    one['metadata'].name = 'topics-again';
  }, /restartPolicy: (Required|Unsupported) value/),
];

/** What PodSecurity `restricted` must refuse of a pod: the template of a workload, changed. */
export const POD_REFUSALS: readonly Pick<Refusal, 'mistake' | 'change' | 'says'>[] = [
  {
    mistake: 'a pod that may be root',
    change: ({ spec }) => delete spec.securityContext.runAsNonRoot,
    says: /runAsNonRoot != true/,
  },
  {
    mistake: 'a pod without a seccomp profile',
    change: ({ spec }) => delete spec.securityContext.seccompProfile,
    says: /seccompProfile/,
  },
  {
    mistake: 'a container that keeps its capabilities',
    change: ({ spec }) => delete spec.containers[0].securityContext.capabilities,
    says: /unrestricted capabilities/,
  },
  {
    mistake: 'a container that may get more rights',
    change: ({ spec }) => delete spec.containers[0].securityContext.allowPrivilegeEscalation,
    says: /allowPrivilegeEscalation != false/,
  },
  {
    mistake: 'a pod with a folder of its node',
    change: ({ spec }) => spec.volumes.push({ name: 'host', hostPath: { path: '/' } }),
    says: /restricted volume types/,
  },
];
