import { z } from 'zod';
import { share } from '../setting-values.ts';
import { SAMPLERS } from './sampler.ts';

/** OpenTelemetry's form of a list: `a=b,c=d`, what else is in a value as `%20`. */
const pairs = z.string().optional().transform((text, context) => {
  const list = text?.split(',').map((one) => one.trim()).filter((one) => one !== '') ?? [];
  try {
    return Object.fromEntries(list.map((one) => {
      const [, name = '', value = ''] = /^([^=\s]+)\s*=\s*([^=].*|)$/.exec(one) ?? [];
      if (name === '') throw new TypeError(`${one} is no pair`);
      return [decodeURIComponent(name), decodeURIComponent(value)];
    }));
  } catch {
    context.addIssue('name=value, several with commas between, other characters as %20');
    return z.NEVER;
  }
});

const collector = z.string().optional().refine(
  (text) => text === undefined || (/^https?:\/\/[^@?#\s]+$/.test(text) && URL.canParse(text)),
  'http(s)://host:port of a collector that takes OTLP over HTTP, 4318 mostly',
);

/** The settings of tracing, by the names OpenTelemetry has for them; part of `shared/config.ts`. */
export const tracingSettings = {
  /** Where traces go, to `/v1/traces` below it; unset: there are none. */
  OTEL_EXPORTER_OTLP_ENDPOINT: collector,
  /** What the collector is told with each request, such as its key. */
  OTEL_EXPORTER_OTLP_HEADERS: pairs,
  /** Of every span, besides what the exchange says of itself. */
  OTEL_RESOURCE_ATTRIBUTES: pairs,
  /** Which auctions are traced; decided at the gateway. */
  OTEL_TRACES_SAMPLER: z.string().default('parentbased_traceidratio')
    .refine((text) => (SAMPLERS as readonly string[]).includes(text), SAMPLERS.join(', '))
    .transform((text) => text as (typeof SAMPLERS)[number]),
  /** Share of the auctions that no caller has decided about. */
  OTEL_TRACES_SAMPLER_ARG: share(0.01),
};
