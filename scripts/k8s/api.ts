/** Asks a Kubernetes API server, without a kubectl for each question. */
import { request } from 'node:https';

export interface Api {
  /** @throws an Error with status and message of a refusal. */
  get<T>(path: string): Promise<T>;
  post(path: string, body: object): Promise<{ status: number; message: string }>;
  healthy(): Promise<boolean>;
}

/** `namespace` and `labels` choose pods; see {@link podsPath}. */
export interface Pod {
  metadata: { name: string; labels: Record<string, string>; deletionTimestamp?: string };
  spec: { nodeName?: string; containers: { name: string; env?: { name: string }[] }[] };
  status: { phase: string; conditions?: { type: string; status: string; message?: string }[] };
}

export function openApi(origin: string, token: string): Api {
  return {
    async get<T>(path: string) {
      const { status, text } = await ask(origin, token, 'GET', path);
      if (status !== 200) throw new Error(`${path}: ${status} ${text.slice(0, 300)}`);
      return JSON.parse(text) as T;
    },
    async post(path, body) {
      const { status, text } = await ask(origin, token, 'POST', path, JSON.stringify(body));
      const { message = '' } = JSON.parse(text) as { message?: string };
      return { status, message };
    },
    async healthy() {
      // The scheduler and the controllers have no /readyz of old; all have this.
      const { status } = await ask(origin, token, 'GET', '/healthz');
      return status === 200;
    },
  };
}

export async function podsOf(api: Api, namespace: string, selector = ''): Promise<Pod[]> {
  const query = selector === '' ? '' : `?labelSelector=${encodeURIComponent(selector)}`;
  const { items } = await api.get<{ items: Pod[] }>(`/api/v1/namespaces/${namespace}/pods${query}`);
  return items;
}

export function isReady({ metadata, status }: Pod): boolean {
  return metadata.deletionTimestamp === undefined &&
    (status.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True');
}

function ask(
  origin: string,
  token: string,
  method: string,
  path: string,
  body?: string,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    // Its certificate is one it made for itself a moment ago.
    const options = { method, headers, rejectUnauthorized: false, agent: false as const };
    const sent = request(new URL(path, origin), options, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part) => text += part)
        .on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
        .on('error', reject);
    });
    sent.on('error', reject).end(body);
  });
}
