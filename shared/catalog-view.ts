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
  /** Changes of this process that are not folded yet, by their text: a shared bus gives them back later. */
  const awaited = new Map<string, () => void>();
  const folded = (change: unknown): void => {
    if (awaited.size === 0) return;
    const text = JSON.stringify(change);
    awaited.get(text)?.();
    awaited.delete(text);
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
        awaited.set(JSON.stringify(change), resolve);
        return promise;
      });
      try {
        await bus.publish('config_changes', changes.map((value) => ({ partition: 0, value })));
      } catch (error) {
        for (const change of changes) awaited.delete(JSON.stringify(change));
        throw error;
      }
      await Promise.all(all);
    },
    close: () => reader.close(),
  };
}
