import { describe, expect, test } from 'vitest';
import { formatCredits, sum, times, toCredits, toMicro } from './money';

describe('credits', () => {
  test.each([
    [0, '0.00'],
    [5, '5.00'],
    [2.5, '2.50'],
    [1234.5, '1,234.50'],
    [1_000_000_000, '1,000,000,000.00'],
    [0.000001, '0.000001'],
    [7.123456, '7.123456'],
    [7.1234, '7.1234'],
    [-22.5, '−22.50'],
    [999.999999, '999.999999'],
  ])('%f is written as %s', (credits, text) => {
    expect(formatCredits(credits)).toBe(text);
  });

  test('no amount that the API allows is rounded away', () => {
    for (const micro of [1, 999_999_999_999_999, 1_000_000_000_000_000, 123_456_789_012_345]) {
      expect(toMicro(toCredits(micro))).toBe(micro);
    }
  });

  test('a sum of tenths has no crumbs', () => {
    expect(sum([0.1, 0.2, 0.3])).toBe(0.6);
    expect(sum([])).toBe(0);
  });

  test('a price times its rounds is exact', () => {
    expect(times(0.1, 3)).toBe(0.3);
    expect(times(2.675, 100)).toBe(267.5);
  });
});
