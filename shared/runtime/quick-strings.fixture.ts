/** Loads what a process of the exchange loads; prints how V8 keeps String.prototype, before and after. */
import '#shared/backends.ts';
import { settleStrings } from './quick-strings.ts';

// V8's own functions are no JavaScript that a formatter or a compiler knows.
const isQuick = new Function('return %HasFastProperties(String.prototype)') as () => boolean;

const before = isQuick();
settleStrings();
console.log(`${before ? 'quick' : 'slow'}, then ${isQuick() ? 'quick' : 'slow'}`);
