/** The catalog as a process sees it: folded from `config_changes`, up to date within a moment of each change. */
import type { Bus, Reader } from './bus/bus.ts';
import { applyChange, type Catalog, ConfigChange, emptyCatalog } from './model/catalog.ts';

export interface CatalogView {
  /** Always the same object; its `version` grows with each change. */
  readonly current: Catalog;
  /** Resolves when the changes are durable; they are folded here then, elsewhere within a second. */
  publish(changes: readonly ConfigChange[]): Promise<void>;
  close(): Promise<void>;
}

/** Resolves when all that was configured before is folded. A change that does not parse is reported and left out. */
export async function followCatalog(
  bus: Bus,
  onError: (error: unknown) => void,
): Promise<CatalogView> {
  const current = emptyCatalog();
  /** Changes of this process that are not folded yet: a shared bus gives them back later. Some may be alike. */
  const awaited = new Set<{ text: string; resolve: () => void }>();
  const folded = (change: unknown): void => {
    if (awaited.size === 0) return;
    const text = JSON.stringify(change);
    for (const one of awaited) {
      if (one.text === text && awaited.delete(one)) one.resolve();
    }
  };
  const reader: Reader = await bus.read({ as: 'all', from: 'start' }, {
    config_changes(batch) {
      for (const { offset, value } of batch) {
        folded(value);
        const change = ConfigChange.safeParse(value);
        if (change.success) applyChange(current, change.data);
        else {
          const text = `Cannot apply config change ${offset}: it does not parse`;
          onError(new Error(text, { cause: change.error }));
        }
      }
    },
  });
  await reader.caughtUp;
  return {
    current,
    async publish(changes) {
      const all = changes.map((change) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        const one = { text: JSON.stringify(change), resolve };
        awaited.add(one);
        return { promise, one };
      });
      try {
        await bus.publish('config_changes', changes.map((value) => ({ partition: 0, value })));
      } catch (error) {
        for (const { one } of all) awaited.delete(one);
        throw error;
      }
      await Promise.all(all.map(({ promise }) => promise));
    },
    close: () => reader.close(),
  };
}
