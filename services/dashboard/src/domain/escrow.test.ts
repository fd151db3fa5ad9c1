import { describe, expect, test } from 'vitest';
import { type EscrowFacts, partsOf, whereNow } from './escrow';
import { sum } from './money';

const payouts = [
  { offer_id: 'o1', seller_node_id: 'a', amount: 5.85 },
  { offer_id: 'o2', seller_node_id: 'b', amount: 1.950001, base: 1, bonus: 1.000001 },
];
const contract: EscrowFacts = {
  escrow_status: 'released',
  escrow_total: 10,
  model_owner_id: 'lab',
  payouts,
  returned: 2,
};

describe('the picture of an escrow', () => {
  test.each(['released', 'refunded', 'locked'])('that is %s has each credit in it', (escrow_status) => {
    const facts = { ...contract, escrow_status, returned: escrow_status === 'refunded' ? 10 : 2 };
    expect(sum(whereNow(facts).map(({ credits }) => credits))).toBe(10);
  });

  test.each(['pending', 'rejected'])('that is %s shows nothing', (escrow_status) => {
    expect(whereNow({ ...contract, escrow_status, payouts: [], returned: null })).toEqual([]);
  });

  test('names the fee only where there is one', () => {
    const kinds = (fee: number) => partsOf({ payouts, returned: 2, fee }, 'lab').map(({ kind }) => kind);
    expect(kinds(0.25)).toEqual(['provider', 'provider', 'fee', 'buyer']);
    expect(kinds(0)).toEqual(['provider', 'provider', 'buyer']);
    expect(whereNow(contract).find(({ kind }) => kind === 'fee')?.credits).toBe(0.199999);
  });

  test('says what a payment by contribution is made of', () => {
    expect(whereNow(contract).map(({ made_of }) => made_of)).toEqual([
      undefined,
      { base: 1, bonus: 1.000001 },
      undefined,
      undefined,
    ]);
  });
});
