/** Started by chdb-engine.test.ts: a thread that opens, and dies of its first call. */
import { parentPort } from 'node:worker_threads';

parentPort!.on('message', () => {
  throw new Error('out of luck');
});
parentPort!.postMessage({ kind: 'opened' });
