/**
 * The journal's thread: does with the file what takes time. Appends are not among it, who makes the
 * records appends them.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { JournalDisk } from './journal-disk.ts';
import { openJournalFile } from './journal-file.ts';
import type { ThreadAnswers, ThreadCall, ThreadReply } from './journal-protocol.ts';

const { path } = workerData as { path: string };
const port = parentPort!;
const file = openJournalFile(path);
const disk = new JournalDisk(path, file.db);

port.on('message', (call: ThreadCall) => port.postMessage(reply(call)));

function reply(call: ThreadCall): ThreadReply {
  try {
    return { ok: true, answer: answer(call) };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

function answer(call: ThreadCall): ThreadAnswers[ThreadCall['op']] {
  switch (call.op) {
    case 'sync':
      disk.sync();
      return null;
    case 'close':
      disk.close();
      file.close();
      return null;
    default:
      return file.answer(call);
  }
}
