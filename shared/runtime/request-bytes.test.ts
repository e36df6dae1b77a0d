import type { IncomingMessage } from 'node:http';
import { Buffer } from 'node:buffer';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { requestBytes } from './request-bytes.ts';

function scene() {
  const sender = new PassThrough();
  const bytes = requestBytes(sender as unknown as IncomingMessage);
  return { sender, text: bytes.then((all) => Buffer.from(all).toString()) };
}

test('requestBytes() gives a body in one or more pieces as a whole', async () => {
  const one = scene();
  one.sender.end('{"id":1}');
  expect(await one.text).toBe('{"id":1}');
  const more = scene();
  more.sender.write('{"id"');
  await new Promise((resolve) => setImmediate(resolve));
  more.sender.end(':1}');
  expect(await more.text).toBe('{"id":1}');
});

test('requestBytes() rejects when the client leaves before the end, or says why it failed', async () => {
  const gone = scene();
  gone.sender.write('{"id"');
  gone.sender.destroy();
  await expect(gone.text).rejects.toThrow('The client left before the end of its request');
  await expect(requestBytes(gone.sender as unknown as IncomingMessage)).rejects.toThrow('left');
  const broken = scene();
  broken.sender.destroy(new Error('aborted'));
  await expect(broken.text).rejects.toThrow('aborted');
});
