import { expect, test } from 'vitest';
import { z } from 'zod';
import { shapeCheck } from './shape-check.ts';
import { integers, list, number, object, shape, text, whole } from './shapes.ts';

const Shape = shape({
  id: text,
  size: whole.optional(),
  price: number.optional(),
  flag: z.literal([0, 1]).optional(),
  ext: object.optional(),
  numbers: integers.optional(),
  parts: list(shape({ id: text })).optional(),
});
const fits = shapeCheck(Shape);

test.each([
  [{ id: 'a' }],
  [{ id: '', size: -1, price: 0.5, flag: 1, ext: {}, numbers: [1], parts: [{ id: 'b', x: 1 }] }],
  [{ id: 'a', unknown: null, constructor: 1, ['__proto__']: 1 }],
  [{}],
  [{ size: 1 }],
  [{ id: 1 }],
  [{ id: null }],
  [{ id: 'a', size: 1.5 }],
  [{ id: 'a', size: 2 ** 53 }],
  [{ id: 'a', size: null }],
  [{ id: 'a', price: Infinity }],
  [{ id: 'a', flag: 2 }],
  [{ id: 'a', ext: [] }],
  [{ id: 'a', numbers: [1, '2'] }],
  [{ id: 'a', numbers: {} }],
  [{ id: 'a', parts: [{ id: 'b' }, {}] }],
  [{ id: 'a', parts: [[]] }],
  [[]],
  [null],
  ['a'],
])('shapeCheck() says of %j what zod says', (value) => {
  expect(fits(value)).toBe(Shape.safeParse(value).success);
});

test.each([
  ['a string with a length', z.string().min(1)],
  ['a format', z.email()],
  ['a number with a range', z.number().min(0)],
  ['another whole number', z.int32()],
  ['a list with a length', z.array(z.string()).min(1)],
  ['an object with known fields only', z.strictObject({})],
  ['a refinement', z.object({}).refine(() => true)],
  ['a choice', z.union([z.string(), z.number()])],
])('shapeCheck() refuses what it does not know: %s', (_what, field) => {
  expect(() => shapeCheck(shape({ field }))).toThrow('Cannot check a shape');
});
