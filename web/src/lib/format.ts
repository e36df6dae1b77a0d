/** Figures and times as people read them. Server and browser format alike, so that nothing jumps. */
import { createSignal } from 'solid-js';
import { getRequestEvent, isServer } from 'solid-js/web';

const FALLBACK = 'en';
/** A share of fewer than this says little. */
export const SMALL_SAMPLE = 30;

/**
 * What the visitor's browser asked for; both sides must use the same one. Only figures go by it: the words
 * are English, and the page's `lang` says so to who reads them aloud or translates them.
 */
export function locale(): string {
  if (!isServer) return document.documentElement.dataset['locale'] ?? FALLBACK;
  const asked = getRequestEvent()?.request.headers.get('accept-language') ?? '';
  const [first] = asked.split(/[,;]/);
  try {
    return Intl.getCanonicalLocales(first?.trim() || FALLBACK)[0] ?? FALLBACK;
  } catch {
    return FALLBACK;
  }
}

const made = new Map<string, Intl.NumberFormat>();

function number(value: number, options: Intl.NumberFormatOptions): string {
  const name = locale();
  const key = name + JSON.stringify(options);
  let format = made.get(key);
  if (!format) made.set(key, format = new Intl.NumberFormat(name, options));
  return format.format(value);
}

export const count = (value: number): string => number(value, { maximumFractionDigits: 0 });

/** `1.2K`, for narrow places. */
export const compact = (value: number): string =>
  number(value, { notation: 'compact', maximumFractionDigits: 1 });

export const rate = (value: number): string =>
  number(value, { maximumFractionDigits: value < 10 ? 1 : 0 });

export const percent = (share: number | null): string =>
  share === null ? '–' : number(share, { style: 'percent', maximumFractionDigits: 1 });

/** A decimal as its reader types it, as the API takes it: `1,25` is `1.25` where figures look so. */
export function typedDecimal(text: string): string {
  const parts = new Intl.NumberFormat(locale()).formatToParts(1.5);
  return text.replace(parts.find(({ type }) => type === 'decimal')!.value, '.');
}

/** A price, bid or floor as it is, decimal CPM without its currency: `2.410`, `0.8505`. */
export const cpm = (value: number | null): string =>
  value === null ? '–' : number(value, { minimumFractionDigits: 3, maximumFractionDigits: 6 });

/** Of many prices together, three digits. */
export const averageCpm = (value: number | null): string =>
  value === null ? '–' : number(value, { minimumFractionDigits: 3, maximumFractionDigits: 3 });

/** The bound of a class of prices, two digits: `0.22`. */
export const aboutCpm = (value: number): string => number(value, { maximumSignificantDigits: 2 });

/** `$2.41`; small amounts keep their digits. */
export function money(value: number, currency: string): string {
  const digits = value !== 0 && Math.abs(value) < 1 ? 4 : 2;
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return number(value, { style: 'currency', currency, ...options });
}

/** `$1.2K`, for axes. */
export function shortMoney(value: number, currency: string): string {
  return number(value, {
    style: 'currency',
    currency,
    notation: 'compact',
    minimumFractionDigits: 0,
    maximumFractionDigits: Math.abs(value) < 1 ? 4 : 1,
  });
}

/** Clocks of whole milliseconds call a shorter time 0. */
export const milliseconds = (value: number | null): string =>
  value === null
    ? '–'
    : value === 0
    ? '< 1'
    : number(value, { maximumFractionDigits: value < 1 ? 2 : value < 10 ? 1 : 0 });

// --- times ---

/** UTC until the page runs in the browser, which knows where its reader is. */
const [zone, setZone] = createSignal('UTC');

/** Called once the server's page is taken over. */
export function useLocalTimes(): void {
  setZone(Intl.DateTimeFormat().resolvedOptions().timeZone);
}

export function clock(ms: number): string {
  return time(ms, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
}

export function minute(ms: number): string {
  return time(ms, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}

export function dateTime(ms: number): string {
  return time(ms, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
}

/** `22 Nov, 14:00`. */
export function dayAndMinute(ms: number): string {
  return time(ms, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
}

/** `22 Nov 2026`, for what may be years ago. */
export function date(ms: number): string {
  return time(ms, { day: 'numeric', month: 'short', year: 'numeric' });
}

/** A UTC month by its begin, as `Nov 2026`. */
export function month(ms: number): string {
  return new Intl.DateTimeFormat(locale(), { month: 'short', year: 'numeric', timeZone: 'UTC' })
    .format(ms);
}

/** A UTC day, `2026-11-22`, as `22 Nov`. */
export function day(text: string): string {
  return new Intl.DateTimeFormat(locale(), { day: 'numeric', month: 'short', timeZone: 'UTC' })
    .format(new Date(`${text}T00:00:00Z`));
}

export function zoneName(): string {
  return zone();
}

function time(ms: number, options: Intl.DateTimeFormatOptions): string {
  return timeFormat(options, zone()).format(ms);
}

const times = new Map<string, Intl.DateTimeFormat>();

function timeFormat(options: Intl.DateTimeFormatOptions, timeZone: string): Intl.DateTimeFormat {
  const key = `${locale()} ${timeZone} ${Object.keys(options)}`;
  let format = times.get(key);
  if (!format) {
    times.set(key, format = new Intl.DateTimeFormat(locale(), { ...options, timeZone }));
  }
  return format;
}
