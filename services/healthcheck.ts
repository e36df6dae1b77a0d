/**
 * Whether the process in this container can work: exit code 0 when its `/readyz` says so. Run by the
 * image's HEALTHCHECK, with the settings of the process itself; images have no curl.
 *
 * It runs in every container all the time, so it reads its three variables by itself: to load what
 * checks them all takes four times as long as everything here.
 */
import http from 'node:http';
import https from 'node:https';
import process from 'node:process';

/** Longer than the longest check of `/readyz`, shorter than the timeout of the image's HEALTHCHECK. */
const ANSWER_MS = 3_000;
/** Listening on all addresses, it is found at this one. */
const ALL = new Set(['0.0.0.0', '::']);

// A variable that is empty counts as unset here as everywhere: compose makes one of what it does not know.
const { HOST, PORT, TLS_CERT_FILE } = process.env;
const host = HOST || '127.0.0.1';
const { request } = TLS_CERT_FILE ? https : http;
const asked = request({
  host: ALL.has(host) ? '127.0.0.1' : host,
  port: PORT || '8080',
  path: '/readyz',
  timeout: ANSWER_MS,
  // The certificate is for the name others use.
  rejectUnauthorized: false,
}, (answer) => {
  let text = '';
  answer.setEncoding('utf8').on('data', (part) => text += part);
  answer.on('end', () => {
    if (answer.statusCode !== 200) refuse(`${answer.statusCode} ${text}`);
    // Nothing is waited for any more, a connection that is kept open least of all.
    else process.exit(0);
  });
});
asked.on('timeout', () => refuse(`No answer within ${ANSWER_MS} ms`));
asked.on('error', (error) => refuse(error.message));
asked.end();

/** Docker keeps the last words: `docker inspect` shows what the process waits for. */
function refuse(why: string): never {
  console.error(why);
  process.exit(1);
}
