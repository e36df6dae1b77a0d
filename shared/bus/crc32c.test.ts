import { Buffer } from 'node:buffer';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32c } from './crc32c.ts';

test.each([
  // The examples of RFC 3720, appendix B.4.
  [new Uint8Array(32), 0x8a9136aa],
  [new Uint8Array(32).fill(0xff), 0x62a8ab43],
  [Uint8Array.from({ length: 32 }, (_, n) => n), 0x46dd794e],
  [Buffer.from('123456789'), 0xe3069283],
  [new Uint8Array(0), 0],
])('crc32c() gives what the standard says', (bytes, sum) => {
  expect(crc32c(bytes)).toBe(sum);
});

test('crc32c() gives what kafkajs computes byte by byte', () => {
  const load = createRequire(import.meta.url);
  const slow = load('kafkajs/src/protocol/recordBatch/crc32C/crc32C') as (of: Uint8Array) => number;
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
    expect(crc32c(bytes)).toBe(slow(bytes) >>> 0);
  }));
});
