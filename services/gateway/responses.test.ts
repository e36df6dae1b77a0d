import { describe, expect, test } from 'vitest';
import { parseBidRequest } from '#shared/model/openrtb-parse.ts';
import { withWarnings } from './responses.ts';

describe('withWarnings()', () => {
  /** The header for a request with this block list. */
  async function warningsOf(badv: string[]): Promise<string> {
    const imp = [{ id: '1', banner: { w: 300, h: 250 } }];
    const parsed = parseBidRequest({ id: 'r', imp, site: { id: 's' }, badv });
    const warnings = parsed.ok ? parsed.warnings : [];
    const answer = await withWarnings(Promise.resolve(new Response(null)), warnings);
    return answer.headers.get('helios-warnings')!;
  }

  test('says as much as fits into a header', async () => {
    const many = await warningsOf(Array(40).fill('https://advertiser.example/'));
    expect(many.length).toBeLessThanOrEqual(2_010);
    expect(many).toMatch(/; badv\[\d+\]: allowed is .*Taken as advertiser\.example; and more$/);
  });

  test('shortens what is long by itself', async () => {
    const one = await warningsOf([`www.${'a'.repeat(100_000)}.example`]);
    expect(one).toMatch(/^badv\[0\]: .*Taken as a{80}.$/);
  });
});
