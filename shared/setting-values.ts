/** What settings are made of: each reads a text, or says what is allowed. The texts complete "allowed is …". */
import { isIP } from 'node:net';
import { z } from 'zod';
import { cpmToMicros, MICROS_PER_CPM, PRICE_MICROS_MAX } from './model/money.ts';
import { parseRedisUrl, REDIS_URL_FORMS } from './store/store-url.ts';
import { parseClickhouseUrl } from './warehouse/warehouse-url.ts';

export const listenAddress = z.string().default('127.0.0.1').refine(
  (text) => text === 'localhost' || isIP(text) !== 0,
  'an IP address to listen on, or localhost',
);

export const port = (preset: number) =>
  z.string().default(String(preset))
    .refine((text) => /^\d{1,5}$/.test(text) && Number(text) <= 65535, 'a port, 0 to 65535')
    .transform(Number);

export const whole = <P extends number | undefined>(preset: P, least: number, most: number) => {
  const text = z.string().optional();
  // `npm run help` reads the default off the schema.
  return (preset === undefined ? text : text.default(`${preset}`) as unknown as typeof text)
    .refine(
      (text = `${least}`) => /^\d{1,15}$/.test(text) && +text >= least && +text <= most,
      `a whole number, ${least} to ${most}`,
    )
    .transform((text): number | P => text === undefined ? preset : Number(text));
};

export const share = (preset: number) =>
  z.string().default(String(preset))
    .refine(
      (text) => /^\d*\.?\d+$/.test(text) && Number(text) <= 1,
      'a number from 0 to 1',
    )
    .transform(Number);

/** Decimal CPM in USD, as bidfloor; in micros. */
export const floor = z.string().default('0')
  .refine(
    (text) => /^\d{1,7}(\.\d{1,6})?$/.test(text) && cpmToMicros(Number(text)) <= PRICE_MICROS_MAX,
    `a price in CPM, 0 to ${PRICE_MICROS_MAX / MICROS_PER_CPM}, such as 0.05`,
  )
  .transform((text) => cpmToMicros(Number(text)));

export const clickhouseUrl = z.string().optional().superRefine((text, context) => {
  const parsed = text === undefined ? '' : parseClickhouseUrl(text);
  if (typeof parsed === 'object' || parsed === '') return;
  const why = text?.includes('://') ? `, and ${parsed}` : '';
  context.addIssue(`http://user:password@host:8123/database${why}`);
});

/** Doors of a stage's processes, with commas between; the origins, without a slash at the end. */
export const origins = z.string().optional().transform((text, context) => {
  const list = text?.split(',').map((one) => one.trim()) ?? [];
  const wrong = list.find((one) => !/^https?:\/\/[^/?#@\s]+\/?$/.test(one) || !URL.canParse(one));
  if (wrong === undefined) return list.map((one) => new URL(one).origin);
  context.addIssue('http(s)://host:port, several with commas between');
  return z.NEVER;
});

export const redisUrl = z.string().optional().superRefine((text, context) => {
  const parsed = text === undefined ? undefined : parseRedisUrl(text);
  if (typeof parsed !== 'string') return;
  context.addIssue(REDIS_URL_FORMS + (text?.startsWith('redis') ? `, and ${parsed}` : ''));
});

export const file = z.string().optional().refine(
  (text) => text === undefined || text.length > 0,
  'a file',
);

function isHostPort(text: string): boolean {
  const [, remote = 0] = /^[A-Za-z0-9.[\]:_-]+:(\d{1,5})$/.exec(text) ?? [];
  return +remote >= 1 && +remote <= 65_535;
}

export const address = z.string().optional()
  .refine((text) => text === undefined || isHostPort(text), 'an address as host:port');

export const brokers = z.string().optional().transform((text, context) => {
  const list = text?.split(',').map((one) => one.trim()) ?? [];
  if (list.every(isHostPort)) return list;
  context.addIssue('addresses as host:port, several with commas between');
  return z.NEVER;
});
