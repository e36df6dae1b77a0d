/** Compiles a function for objects of which none is alive in later collections, and says whether it still is. */
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { tuneCollector } from './garbage-collector.ts';

class Sample {
  a: number;
  b: number;

  constructor(n: number) {
    this.a = n;
    this.b = 2 * n;
  }
}
const total = (sample: Sample): number => sample.a + sample.b;
const prepare = new Function('f', '%PrepareFunctionForOptimization(f)');
const optimize = new Function('f', '%OptimizeFunctionOnNextCall(f)');
/** A set of bits that differ by V8's version. */
const status = new Function('f', 'return %GetOptimizationStatus(f)');

if (process.argv.includes('tune')) tuneCollector();
prepare(total);
for (let n = 0; n < 100; n++) total(new Sample(n));
optimize(total);
total(new Sample(1));
const compiled = status(total);
for (let times = 0; times < 6; times++) {
  // Garbage of this turn is still on the stack for the collector.
  await sleep(1);
  (globalThis as { gc?(): void }).gc?.();
}
console.log(status(total) === compiled ? 'kept' : 'thrown away');
