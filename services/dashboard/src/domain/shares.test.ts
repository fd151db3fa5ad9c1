import { describe, expect, test } from 'vitest';
import { backOf, payoutsOf } from './shares';

describe('amounts that somebody names', () => {
  test('leave the exact rest to the buyer', () => {
    expect(backOf(0.3, { a: 0.1, b: 0.2 })).toBe(0);
    expect(backOf(10, { a: 4.000001, b: 0 })).toBe(5.999999);
    expect(backOf(1, { a: 2 })).toBe(-1);
  });

  test('leave an unknown rest where one of them is the rule’s', () => {
    expect(backOf(10, { a: 4, b: '' })).toBeNull();
  });

  test('name zero and nothing apart', () => {
    expect(payoutsOf({ a: 0, b: '', c: 1.5 })).toEqual([
      { offer_id: 'a', amount: 0 },
      { offer_id: 'b' },
      { offer_id: 'c', amount: 1.5 },
    ]);
  });
});
