/** Tracing as the settings say: nothing at all, unless there is somewhere to export to. */
import { randomUUID } from 'node:crypto';
import type { Config } from '../config.ts';
import { topicNamesOf } from '../config.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { TopicName } from '../model/events.ts';
import type { StageName } from '../service.ts';
import type { Tracer } from '../trace.ts';
import { makeSampler } from './sampler.ts';
import { SpanQueue } from './span-queue.ts';
import { createTracer } from './tracer.ts';

export interface Tracing {
  /** Each stage is a service of its own name. */
  of(stage: StageName): Tracer;
  /** Exports what waits, for some seconds at most. */
  close(): Promise<void>;
}

export interface TracingSetup {
  config: Config;
  log: Log;
  metrics: Metrics;
  version: string;
}

/** Undefined without `OTEL_EXPORTER_OTLP_ENDPOINT`; then the library is not even loaded. */
export async function openTracing(
  { config, log, metrics, version }: TracingSetup,
): Promise<Tracing | undefined> {
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint === undefined) return undefined;
  const { createOtlpSender, makeResource } = await import('./otlp.ts');
  const sender = createOtlpSender({ endpoint, headers: config.OTEL_EXPORTER_OTLP_HEADERS });
  const queue = new SpanQueue({ send: sender.send, metrics, log });
  const sampler = makeSampler(config.OTEL_TRACES_SAMPLER, config.OTEL_TRACES_SAMPLER_ARG);
  const names = topicNamesOf(config);
  const onKafka = (topic: TopicName): boolean =>
    config.KAFKA_BROKERS.length > 0 && !config.LOCAL_TOPICS.includes(topic);
  const instance = randomUUID();
  return {
    of: (stage) =>
      createTracer({
        resource: makeResource({
          ...config.OTEL_RESOURCE_ATTRIBUTES,
          'service.namespace': 'helios',
          'service.name': `helios-${stage}`,
          'service.version': version,
          'service.instance.id': instance,
        }),
        sampler,
        topic: (topic) =>
          onKafka(topic)
            ? { system: 'kafka', name: names[topic] }
            : { system: 'helios', name: topic },
        sink: (span) => queue.add(span),
      }),
    async close() {
      await queue.close();
      // Not waited for: it would try what is under way for longer than anybody waits.
      sender.close().catch(() => {});
    },
  };
}
