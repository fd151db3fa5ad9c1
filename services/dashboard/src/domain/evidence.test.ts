import { afterEach, describe, expect, test, vi } from 'vitest';
import { canonical } from './chain';
import { verifyEvidence } from './evidence';
// Signed by the gateway's own code (tests/unit/kit compares the file with what it writes).
import sample from './evidence.sample.txt?raw';

const key = JSON.parse(sample.split('\n')[0] ?? '') as { kid: string };
const text = sample.split('\n')[1] ?? '';

afterEach(() => vi.unstubAllGlobals());

describe('evidence', () => {
  test('that the exchange signed is sound', async () => {
    expect(await verifyEvidence(text, [key])).toEqual({ state: 'sound', parts: expect.any(Number) });
  });

  test.each([
    ['an amount was changed', text.replace('"amount":0.2', '"amount":0.9'), '/ledger'],
    ['a part was removed', text.replace('"format":"open-ecosystem evidence 1",', ''), '/format'],
    ['a part was added', text.replace('{"contract":', '{"a":1,"contract":'), '/a'],
    [
      'the signature was changed',
      text.replace(/"value":"(.)/, (_, c) => `"value":"${c === '0' ? '1' : '0'}`),
      '/signature',
    ],
    ['it was written anew', JSON.stringify(JSON.parse(text), null, 1), 'file'],
    ['it was cut', text.slice(0, -1), 'file'],
    ['the text is another', '{}', 'file'],
  ])('in which %s is broken, and says where', async (_, tampered, where) => {
    const verdict = await verifyEvidence(tampered, [key]);
    expect(verdict.state).toBe('broken');
    expect(verdict.state === 'broken' && verdict.where.startsWith(where)).toBe(true);
  });

  test('in which any one character is another is broken', async () => {
    for (let at = 0; at < text.length; at += 7) {
      const flipped = String.fromCharCode(text.charCodeAt(at) ^ 1);
      const verdict = await verifyEvidence(text.slice(0, at) + flipped + text.slice(at + 1), [key]);
      expect(verdict, `character ${at}`).toMatchObject({ state: 'broken', where: expect.stringMatching(/^(file|\/)/) });
    }
  }, 60_000);

  test('of another exchange is not taken', async () => {
    expect(await verifyEvidence(text, [{ ...key, kid: 'other' }])).toMatchObject({ where: '/signature/kid' });
  });

  test('cannot be checked where the browser has no Ed25519, and says so', async () => {
    const { subtle } = crypto;
    const without = { digest: subtle.digest.bind(subtle), importKey: () => Promise.reject(new Error('NotSupported')) };
    vi.stubGlobal('crypto', { subtle: without });
    expect(await verifyEvidence(text, [key])).toMatchObject({ state: 'unable' });
    vi.stubGlobal('crypto', {});
    expect(await verifyEvidence(text, [key])).toMatchObject({ state: 'unable' });
  });

  test('is written canonically', () => {
    expect(canonical(JSON.parse(text))).toBe(text);
  });
});
