/** Answers as a ClickHouse server words them. */
import type { RawResult } from '#shared/warehouse/warehouse.ts';

const CODES = {
  NOT_IMPLEMENTED: 48,
  TOO_MANY_SIMULTANEOUS_QUERIES: 202,
  REQUEST_TOO_LARGE: 307,
  CANNOT_DECOMPRESS: 354,
  AUTHENTICATION_FAILED: 516,
} as const;
export type CodeName = keyof typeof CODES;

/** Statuses ClickHouse gives its codes, where they are not 500. */
const STATUSES: Record<number, number> = {
  ...statuses(400, [6, 25, 26, 27, 32, 33, 36, 38, 41, 42, 43, 53, 62, 69, 70, 72, 117, 456]),
  ...statuses(404, [46, 47, 50, 56, 60, 63, 73, 78, 81, 115]),
  ...statuses(403, [164, 358, 497]),
  ...statuses(408, [159]),
  ...statuses(413, [229, 307]),
  ...statuses(501, [48]),
  ...statuses(503, [202]),
  [CODES.CANNOT_DECOMPRESS]: 400,
  [CODES.AUTHENTICATION_FAILED]: 401,
};

export function resultAnswer(result: RawResult, queryId: string, gzip: boolean): Response {
  const { bytes, format, rows, elapsedMs } = result;
  const written = bytes.length === 0;
  const headers = {
    'content-type': contentType(format),
    'x-clickhouse-format': headerText(format),
    'x-clickhouse-query-id': headerText(queryId),
    'x-clickhouse-timezone': 'UTC',
    'x-clickhouse-server-display-name': 'helios',
    'x-clickhouse-summary': JSON.stringify({
      read_rows: String(rows),
      read_bytes: '0',
      written_rows: written ? String(rows) : '0',
      written_bytes: '0',
      total_rows_to_read: '0',
      result_rows: written ? '0' : String(rows),
      result_bytes: String(bytes.length),
      elapsed_ns: String(Math.round(elapsedMs * 1e6)),
    }),
  };
  if (!gzip || written) return new Response(bytes, { headers });
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Response(packed, { headers: { ...headers, 'content-encoding': 'gzip' } });
}

/** One of our own refusals, in ClickHouse's form. */
export function refusal(name: CodeName, text: string): Response {
  return errorAnswer(CODES[name], `Code: ${CODES[name]}. DB::Exception: ${text}. (${name})`);
}

/** `text` begins with ClickHouse's `Code: N.`, which its clients parse. */
export function errorAnswer(code: number, text: string, status = STATUSES[code] ?? 500): Response {
  return new Response(`${text}\n`, {
    status,
    headers: {
      'content-type': 'text/plain; charset=UTF-8',
      'x-clickhouse-exception-code': String(code),
      'x-clickhouse-server-display-name': 'helios',
      ...(status === 401 && { 'www-authenticate': 'Basic realm="ClickHouse"' }),
      ...(status === 503 && { 'retry-after': '1' }),
    },
  });
}

/** What a client called it, as a header can say it: the statement has run, whatever its name. */
function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}

function statuses(status: number, codes: readonly number[]): Record<number, number> {
  return Object.fromEntries(codes.map((code) => [code, status]));
}

function contentType(format: string): string {
  if (/^JSON(Compact|Strings|CompactStrings|ColumnsWithMetadata)?$/.test(format)) {
    return 'application/json; charset=UTF-8';
  }
  if (/^JSON.*EachRow/.test(format)) return 'application/x-ndjson; charset=UTF-8';
  if (format.startsWith('CSV')) {
    return `text/csv; charset=UTF-8; header=${format.includes('WithNames') ? 'present' : 'absent'}`;
  }
  if (/^(TabSeparated|TSV)/.test(format)) return 'text/tab-separated-values; charset=UTF-8';
  if (/^(Native|RowBinary|Parquet|Arrow|ORC|Avro|Protobuf|MsgPack|BSON)/.test(format)) {
    return 'application/octet-stream';
  }
  return 'text/plain; charset=UTF-8';
}
