/**
 * CRC-32C (Castagnoli), as Kafka wants it of each batch of records: eight bytes a step, "slicing-by-8"
 * of Kounavis and Berry, https://doi.org/10.1109/ISCC.2005.92.
 */

/** Of RFC 3720, appendix B.4, bits reversed. */
const POLYNOMIAL = 0x82f63b78;

const [T0, T1, T2, T3, T4, T5, T6, T7] = makeTables();

export function crc32c(bytes: Uint8Array): number {
  const whole = bytes.length - bytes.length % 8;
  let crc = -1;
  let at = 0;
  for (; at < whole; at += 8) {
    const head = crc ^
      (bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24);
    crc = T7[head & 0xff]! ^ T6[head >>> 8 & 0xff]! ^ T5[head >>> 16 & 0xff]! ^ T4[head >>> 24]! ^
      T3[bytes[at + 4]!]! ^ T2[bytes[at + 5]!]! ^ T1[bytes[at + 6]!]! ^ T0[bytes[at + 7]!]!;
  }
  for (; at < bytes.length; at++) crc = crc >>> 8 ^ T0[(crc ^ bytes[at]!) & 0xff]!;
  return (crc ^ -1) >>> 0;
}

type Tables = [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];

/** Table n: what a byte does to the sum when n bytes follow it. */
function makeTables(): Tables {
  const tables = Array.from({ length: 8 }, () => new Int32Array(256)) as Tables;
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >>> 1 ^ POLYNOMIAL : crc >>> 1;
    tables[0][byte] = crc;
  }
  for (let n = 1; n < 8; n++) {
    for (let byte = 0; byte < 256; byte++) {
      const before = tables[n - 1]![byte]!;
      tables[n]![byte] = before >>> 8 ^ tables[0][before & 0xff]!;
    }
  }
  return tables;
}
