/**
 * Engines that end like a killed process, for the tests of this folder: at a chosen step every call
 * stops for ever, and commits that were not yet stored are lost.
 */
import type {
  Assigned,
  BatchHandler,
  Bus,
  Handlers,
  Outgoing,
  Reader,
  ReadOptions,
  Share,
} from '#shared/bus/bus.ts';
import type { TopicName } from '#shared/model/events.ts';
import type { Warehouse } from '#shared/warehouse/warehouse.ts';

/** The borders between the steps of writing a batch. */
export type Step = 'before store' | 'after store' | 'before insert' | 'after insert';

export interface DoomedEngines {
  bus: Bus;
  warehouse: Warehouse;
  /** Resolves when the end has come. */
  dead: Promise<void>;
  kill(): void;
}

/** @param dies whether the end comes at this step; asked once per step, in order. */
export function createDoomedEngines(
  bus: Bus,
  warehouse: Warehouse,
  dies: (step: Step, topicOrTable: string) => boolean,
): DoomedEngines {
  const { promise: dead, resolve: kill } = Promise.withResolvers<void>();
  let alive = true;
  void dead.then(() => alive = false);
  const forEver = new Promise<never>(() => {});
  const step = async (name: Step, where: string): Promise<void> => {
    if (alive && dies(name, where)) {
      alive = false;
      kill();
    }
    if (!alive) await forEver;
  };

  function doomedReader(reader: Reader, topic: TopicName): Reader {
    let commits: Parameters<Reader['commit']>[] = [];
    return {
      get partitions() {
        return reader.partitions;
      },
      caughtUp: reader.caughtUp,
      // Kept back until they are stored for certain: the bus's timer may come too late.
      commit: (...commit) => void commits.push(commit),
      async flush() {
        await step('before store', topic);
        for (const commit of commits) reader.commit(...commit);
        commits = [];
        await reader.flush();
        await step('after store', topic);
      },
      close: () => alive ? reader.close() : forEver,
    };
  }

  return {
    dead,
    kill() {
      alive = false;
      kill();
    },
    bus: {
      partitions: bus.partitions,
      publish: <T extends TopicName>(topic: T, records: readonly Outgoing<T>[]) =>
        bus.publish(topic, records),
      async read(options: ReadOptions, handlers: Handlers) {
        const mortal =
          <T extends TopicName>(handler: BatchHandler<T>): BatchHandler<T> => (batch) => {
            if (!alive) return;
            const done = handler(batch);
            // The real bus must be able to close although the dead handler never ends.
            return done instanceof Promise ? Promise.race([done, dead]) : done;
          };
        const entries = Object.entries(handlers) as [TopicName, BatchHandler<TopicName>][];
        const mortals = entries.map(([topic, handler]) => [topic, mortal(handler)]);
        const { assigned } = options as { assigned?: Assigned };
        const mortalOptions = assigned
          ? { ...options, assigned: (share: Share) => Promise.race([assigned(share), dead]) }
          : options;
        const reader = await bus.read(mortalOptions, Object.fromEntries(mortals) as Handlers);
        return doomedReader(reader, entries[0]![0]);
      },
      check: () => bus.check(),
      depths: () => bus.depths(),
      close: () => bus.close(),
    },
    warehouse: {
      async insert(table, ...insert) {
        await step('before insert', table);
        await warehouse.insert(table, ...insert);
        await step('after insert', table);
      },
      query: (sql, params) => alive ? warehouse.query(sql, params) : forEver,
      command: (sql) => warehouse.command(sql),
      raw: (statement) => warehouse.raw(statement),
      check: () => warehouse.check(),
      close: () => warehouse.close(),
    },
  };
}
