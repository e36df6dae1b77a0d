import { expect, test } from 'vitest';
import { inOnePiece, joined } from './flat-text.ts';

test('the texts are what was joined, or the same', () => {
  expect(joined('Bid ', 1.5, ' lost to ', '', 'É💥')).toBe('Bid 1.5 lost to É💥');
  expect(inOnePiece(`${'0a'.repeat(9)}-.é`)).toBe('0a0a0a0a0a0a0a0a0a-.é');
});
