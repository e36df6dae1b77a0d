/**
 * Keeps the methods of texts quick.
 *
 * A class that extends String, such as one of ioredis, makes V8 turn String.prototype into a hash table:
 * fit for what is being set up, not for what is used. It would go back when the prototype of an object
 * is read through, but texts are no objects. From then on no method of a text is compiled in: each
 * character that a loop looks at is a look-up and a call, six times as dear, for as long as the process
 * lives: 8 % of a busy main thread.
 */

/** More calls than V8 waits for before it notes what a function reads. */
const READ = 1_000;

/** Call it after the last module that may have such a class. */
export function settleStrings(): void {
  // An object that has the prototype of texts: reading through it has V8 put it in order.
  const text = new String('text');
  for (let i = 0; i < READ; i++) readThrough(text);
}

function readThrough(text: { charCodeAt: unknown }): unknown {
  return text.charCodeAt;
}
