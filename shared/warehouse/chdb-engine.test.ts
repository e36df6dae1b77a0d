import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { ChdbEngine } from './chdb-engine.ts';

describe('ChdbEngine', () => {
  it('rejects what waits and what follows when the thread dies, and tells once', async () => {
    const told: Error[] = [];
    const worker = new Worker(new URL('./chdb-engine.fixture.ts', import.meta.url));
    const engine = new ChdbEngine(worker, (error) => told.push(error));
    await engine.opened;
    const unavailable = { name: 'WarehouseError', code: 'unavailable' };
    await Promise.all([
      expect(engine.call((id) => ({ kind: 'check', id }))).rejects.toMatchObject(unavailable),
      expect(engine.insert('t', ['{}', '{}'], 'token')).rejects.toMatchObject(unavailable),
    ]);
    await engine.ended;
    await expect(engine.call((id) => ({ kind: 'check', id }))).rejects.toMatchObject(unavailable);
    await engine.close();
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ ...unavailable, cause: { message: 'out of luck' } });
  });
});
