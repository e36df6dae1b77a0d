/** What the autoscaler reads: pods that use as much CPU as a test says. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { type Api, podsOf } from './api.ts';
import type { ControlPlane } from './control-plane.ts';

export interface MetricsStub {
  /** What is applied to make the API server ask here. */
  objects: object[];
  /** Of each pod with this label `app`, in thousandths of a core; 0 for all others. */
  use(app: string, milliCores: number): void;
  stop(): Promise<void>;
}

const GROUP = 'metrics.k8s.io';

export async function startMetricsStub(
  { api, certificate }: Pick<ControlPlane, 'api' | 'certificate'>,
): Promise<MetricsStub> {
  const usage = new Map<string, number>();
  const { cert, key } = certificate;
  const server = createServer(
    { cert: readFileSync(cert), key: readFileSync(key) },
    (incoming, outgoing) => {
      void answer(api, usage, new URL(incoming.url!, 'https://metrics')).then((body) => {
        outgoing.statusCode = body ? 200 : 404;
        outgoing.setHeader('content-type', 'application/json');
        outgoing.end(JSON.stringify(body ?? {}));
      }, () => outgoing.destroy());
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    objects: objects(port),
    use: (app, milliCores) => void usage.set(app, milliCores),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A Service that leads to this machine, and the group of the API that it answers for. */
function objects(port: number): object[] {
  const service = { name: 'metrics-stub', namespace: 'default' };
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: service,
      spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port }] },
    },
    {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: `v1beta1.${GROUP}` },
      spec: {
        group: GROUP,
        version: 'v1beta1',
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { ...service, port },
      },
    },
  ];
}

async function answer(api: Api, usage: ReadonlyMap<string, number>, url: URL) {
  const apiVersion = `${GROUP}/v1beta1`;
  if (url.pathname === `/apis/${apiVersion}`) {
    const pods = { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics' };
    const resources = [{ ...pods, verbs: ['get', 'list'] }];
    return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersion, resources };
  }
  const namespace = /\/namespaces\/([^/]+)\/pods$/.exec(url.pathname)?.[1];
  if (!namespace) return undefined;
  const pods = await podsOf(api, namespace, url.searchParams.get('labelSelector') ?? '');
  return {
    kind: 'PodMetricsList',
    apiVersion,
    metadata: {},
    items: pods.map(({ metadata: { name, labels }, spec }) => ({
      metadata: { name, namespace, labels },
      timestamp: new Date().toISOString(),
      window: '15s',
      containers: spec.containers.map((container) => ({
        name: container.name,
        usage: { cpu: `${usage.get(labels['app'] ?? '') ?? 0}m`, memory: '100Mi' },
      })),
    })),
  };
}
