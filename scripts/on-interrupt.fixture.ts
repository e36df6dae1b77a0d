/** Says `told` at the first signal and goes on until a later one; repeats what it is told. */
import process from 'node:process';
import { onInterrupt } from './on-interrupt.ts';

onInterrupt(['SIGINT'], () => console.log('told'));
process.stdin.pipe(process.stdout);
console.log('up');
