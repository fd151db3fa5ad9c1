import { afterEach, describe, expect, test, vi } from 'vitest';
import { canonical, type Sealed, verify } from './chain';
import sealed from './sealed.json';

// Sealed by the marketplace's own code (tests/unit/marketplace compares the file with what it writes).
const events = sealed as Sealed[];
const changed = (index: number, change: Partial<Sealed>) =>
  events.map((event, at) => (at === index ? { ...event, ...change } : event));

afterEach(() => vi.unstubAllGlobals());

describe('a timeline', () => {
  test('that the marketplace sealed is sound, and its head is the last hash', async () => {
    expect(await verify(events)).toEqual({ state: 'sound', head: events.at(-1)?.hash });
  });

  test('without an entry is sound', async () => {
    expect(await verify([])).toEqual({ state: 'sound', head: '0'.repeat(64) });
  });

  test.each([
    ['an amount was changed', changed(1, { data: { ...(events[1]?.data as object), amount: 1 } }), 2],
    ['an actor was changed', changed(0, { actor: 'somebody' }), 1],
    ['a hash was changed', changed(2, { hash: 'f'.repeat(64) }), 3],
    ['an entry was removed', events.filter((_, index) => index !== 1), 2],
    ['entries were swapped', [events[1], events[0], ...events.slice(2)] as Sealed[], 1],
  ])('in which %s is broken, and says where', async (_, tampered, seq) => {
    expect(await verify(tampered)).toEqual({ state: 'broken', seq });
  });

  test('cannot be checked where the browser has no crypto, and says so', async () => {
    vi.stubGlobal('crypto', {});
    expect((await verify(events)).state).toBe('unable');
  });
});

describe('the hashed text', () => {
  test('has its keys sorted, whole-number keys as text', () => {
    expect(canonical({ b: 1, a: [2, { d: null, c: true }] })).toBe('{"a":[2,{"c":true,"d":null}],"b":1}');
    expect(canonical({ '9': 'x', '10': 'y' })).toBe('{"10":"y","9":"x"}');
  });

  test('keeps non-ASCII as it is and numbers as ECMAScript prints them', () => {
    expect(canonical({ name: 'Zürich “A”', value: 0.000001, whole: 5.0 })).toBe(
      '{"name":"Zürich “A”","value":0.000001,"whole":5}',
    );
  });
});
