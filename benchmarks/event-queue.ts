/** What happens when, the earliest first; at the same time in the order it was planned. */
export class Events {
  now = 0;
  /** A binary heap. */
  readonly #heap: { atMs: number; order: number; work: () => void }[] = [];
  #planned = 0;

  after(ms: number, work: () => void): void {
    const event = { atMs: this.now + ms, order: this.#planned++, work };
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = event;
  }

  /** The next one, unless that is later; returns whether there was one. */
  step(untilMs: number): boolean {
    const heap = this.#heap;
    const first = heap[0];
    if (!first || first.atMs > untilMs) return false;
    const last = heap.pop()!;
    if (heap.length > 0) sink(heap, last);
    this.now = first.atMs;
    first.work();
    return true;
  }
}

interface Planned {
  atMs: number;
  order: number;
}

function sink<E extends Planned>(heap: E[], event: E): void {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
    if (!isBefore(heap[child]!, event)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = event;
}

function isBefore(a: Planned, b: Planned): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
