import { expect, test } from 'vitest';
import { type SettlementFacts, settlementSentence } from './settlement';

test.each<[Partial<SettlementFacts>, string]>([
  [{}, 'By delivery, when somebody releases it'],
  [{ settlement: null }, 'By delivery, when as the exchange is set'],
  [
    { settlement: 'auto', settlement_rule: 'contribution', dispute_window_s: 21_600 },
    'By contribution, by itself 6 h after a complete delivery',
  ],
  [{ settlement: 'auto', dispute_window_s: 0 }, 'By delivery, by itself at once after a complete delivery'],
  [{ settlement: 'auto' }, 'By delivery, by itself after a complete delivery and the exchange’s dispute window'],
])('a choice is said in a sentence: %o', (choice, expected) => {
  expect(
    settlementSentence({ settlement: 'manual', settlement_rule: 'delivery', dispute_window_s: null, ...choice }),
  ).toBe(expected);
});
