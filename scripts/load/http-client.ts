/**
 * A small HTTP client for load: connections are kept and bounded, nothing is thrown. `fetch` costs
 * three times as much per request, which would be measured with the exchange.
 */
import { Buffer } from 'node:buffer';
import http from 'node:http';

export type Answer =
  | { kind: 'answer'; status: number; body: Buffer }
  | { kind: 'failure'; reason: FailureReason };

export type FailureReason =
  | 'connection refused'
  | 'connection reset'
  | 'no answer in time'
  | 'host not found'
  | 'other failure';

export interface HttpClient {
  /** Sends one request. Waits for a free connection when all are busy. */
  send(method: 'GET' | 'POST', path: string, body?: string): Promise<Answer>;
  close(): void;
}

export interface HttpClientOptions {
  /** Origin, such as `http://127.0.0.1:8080`. */
  url: string;
  headers?: Record<string, string>;
  connectionsMax: number;
  /** ms without a byte after which a request has failed. */
  timeoutMs: number;
}

export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { hostname, port } = new URL(options.url);
  const agent = new http.Agent({ keepAlive: true, maxSockets: options.connectionsMax });
  const base = {
    agent,
    // A URL has brackets around an IPv6 address, a socket has not.
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? 80 : Number(port),
    timeout: options.timeoutMs,
  };
  return {
    send: (method, path, body) =>
      new Promise((resolve) => {
        const headers: Record<string, string | number> = { ...options.headers };
        if (body !== undefined) {
          headers['content-type'] = 'application/json';
          headers['content-length'] = Buffer.byteLength(body);
        }
        const request = http.request({ ...base, method, path, headers });
        const fail = (error: unknown) => resolve({ kind: 'failure', reason: reasonOf(error) });
        request.on('timeout', () => request.destroy(new TimeoutError()));
        request.on('error', fail);
        request.on('response', (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', fail);
          response.on('end', () => {
            resolve({ kind: 'answer', status: response.statusCode!, body: Buffer.concat(chunks) });
          });
        });
        request.end(body);
      }),
    close: () => agent.destroy(),
  };
}

class TimeoutError extends Error {
  readonly code = 'ETIMEDOUT';
}

function reasonOf(error: unknown): FailureReason {
  const code = (error as { code?: unknown } | null)?.code;
  if (code === 'ECONNREFUSED') return 'connection refused';
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'ECONNABORTED') {
    return 'connection reset';
  }
  if (code === 'ETIMEDOUT') return 'no answer in time';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'host not found';
  return 'other failure';
}
