/** Makes garbage, some of which lives through collections. */
import { tuneCollector } from './garbage-collector.ts';

tuneCollector();
const kept: unknown[] = [];
for (let n = 0; n < 1_000_000; n++) kept[n % 50_000] = { n, text: `number ${n}` };
console.log('done', kept.length);
