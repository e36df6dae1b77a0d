/**
 * Whether the process in this container can work: exit code 0 when its `/readyz` says so. Run by the
 * image's HEALTHCHECK with the settings of the process itself; images have no curl.
 */
import http from 'node:http';
import https from 'node:https';
import process from 'node:process';
import { parseConfig } from '#shared/config.ts';
import { describeError } from '#shared/log.ts';

/** Longer than the longest check of `/readyz`, shorter than the timeout of the image's HEALTHCHECK. */
const ANSWER_MS = 3_000;
/** Listening on all addresses, it is found at this one. */
const ALL = new Set(['0.0.0.0', '::']);

try {
  const { status, text } = await askReadiness();
  if (status !== 200) throw new Error(`${status} ${text}`);
} catch (error) {
  // Docker keeps the last words: `docker inspect` shows what the process waits for.
  console.error(describeError(error));
  process.exitCode = 1;
}

function askReadiness(): Promise<{ status: number | undefined; text: string }> {
  const { HOST, PORT, TLS_CERT_FILE } = parseConfig(process.env);
  const options = {
    host: ALL.has(HOST) ? '127.0.0.1' : HOST,
    port: PORT,
    path: '/readyz',
    timeout: ANSWER_MS,
    // The certificate is for the name others use.
    rejectUnauthorized: false,
  };
  const { request } = TLS_CERT_FILE ? https : http;
  return new Promise((resolve, reject) => {
    const asked = request(options, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part) => text += part);
      answer.on('end', () => resolve({ status: answer.statusCode, text }));
      answer.on('error', reject);
    });
    asked.on('timeout', () => asked.destroy(new Error(`No answer within ${ANSWER_MS} ms`)));
    asked.on('error', reject);
    asked.end();
  });
}
