import { expect, test } from 'vitest';
import { readJson } from './json-guard.ts';
import { parseBidRequest } from './openrtb-parse.ts';
import { keepText, textOf } from './request-text.ts';

const TEXT =
  '{"id":"r","imp":[{"id":"1","banner":{"w":300,"h":250},"tagid":null,"bidfloor":0.5}],' +
  '"site":{"id":"s","__proto__":1},"ext":{"deep":[1,{"x":1e3}]},"id":"last"}';

function requestOf(text: string) {
  const read = readJson(text);
  const parsed = parseBidRequest(read.ok ? read.value : undefined);
  if (!parsed.ok) throw new Error('The sample is not valid');
  return parsed.request;
}

test('keepText() is seen by nobody but textOf()', () => {
  const request = requestOf(TEXT);
  const before = JSON.stringify(request);
  expect(textOf(request)).toBeUndefined();
  keepText(request, TEXT);
  expect(textOf(request)).toBe(TEXT);
  expect(JSON.stringify(request)).toBe(before);
  expect(request).toEqual(requestOf(TEXT));
  expect(textOf({ ...request })).toBeUndefined();
  expect(textOf(structuredClone(request))).toBeUndefined();
});

test('the text gives the same request again, also after a detour as JSON', () => {
  const request = requestOf(TEXT);
  expect(request).toMatchObject({ id: 'last', at: 2, imp: [{ bidfloorcur: 'USD' }] });
  expect(requestOf(TEXT)).toEqual(request);
  expect(requestOf(JSON.stringify(request))).toEqual(request);
});
