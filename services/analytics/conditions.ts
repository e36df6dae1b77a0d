/** Filters as the WHERE of a statement: no value of a reader is ever part of the text. */
import type { OutcomeFilters } from './filters.ts';

export interface Query {
  sql: string;
  /** Values of the `{name:Type}` places. */
  params: Record<string, unknown>;
}

export interface Conditions {
  add(text: string, params?: Record<string, unknown>): void;
  /** `\nWHERE …`, or nothing. */
  readonly where: string;
  readonly params: Record<string, unknown>;
  query(head: string, tail?: string, params?: Record<string, unknown>): Query;
}

/** A DateTime64 made of a parameter in epoch ms. */
export function time(name: string): string {
  return `fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')`;
}

export function conditions(filters: OutcomeFilters): Conditions {
  const texts: string[] = [];
  const params: Record<string, unknown> = {};
  const add: Conditions['add'] = (text, more) => {
    texts.push(text);
    Object.assign(params, more);
  };
  const { sinceMs, untilMs, minPriceMicros, maxPriceMicros } = filters;
  if (sinceMs !== undefined) add(`time >= ${time('since')}`, { since: sinceMs });
  if (untilMs !== undefined) add(`time < ${time('until')}`, { until: untilMs });
  if (filters.winStatus !== undefined) {
    add('win_status = {win_status:String}', { win_status: filters.winStatus });
  }
  if (filters.enriched !== undefined) {
    add('enriched = {enriched:UInt8}', { enriched: Number(filters.enriched) });
  }
  for (const [column, value] of textFilters(filters)) {
    if (value !== undefined) add(`${column} = {${column}:String}`, { [column]: value });
  }
  // An imp that nobody bought has no price, rather than one of 0.
  if (minPriceMicros !== undefined || maxPriceMicros !== undefined) add(`win_status = 'won'`);
  if (minPriceMicros !== undefined) {
    add('price_micros >= {min_price:UInt64}', { min_price: minPriceMicros });
  }
  if (maxPriceMicros !== undefined) {
    add('price_micros <= {max_price:UInt64}', { max_price: maxPriceMicros });
  }
  return {
    add,
    params,
    get where() {
      return texts.length > 0 ? `\nWHERE ${texts.join(' AND ')}` : '';
    },
    query(head, tail = '', more = {}) {
      return { sql: `${head}${this.where}\n${tail}`.trimEnd(), params: { ...params, ...more } };
    },
  };
}

function textFilters(filters: OutcomeFilters): [column: string, value: string | undefined][] {
  return [
    ['request_id', filters.requestId],
    ['user_id', filters.userId],
    ['site_domain', filters.siteDomain],
    ['seat', filters.seat],
    ['campaign_id', filters.campaign],
    ['publisher_id', filters.publisherId],
  ];
}
