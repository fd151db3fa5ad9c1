/** Where each credit of a contract is, or would be after a release now. */
import { sum } from './money';

export type PartKind = 'provider' | 'fee' | 'buyer' | 'escrow';

export interface Part {
  key: string;
  kind: PartKind;
  label: string;
  credits: number;
  /** What a payment is made of where it is shared by contribution, before the fee. */
  made_of?: { base: number; bonus: number };
}

interface Payout {
  offer_id: string;
  seller_node_id: string;
  amount: number;
  base?: number | null;
  bonus?: number | null;
}

export interface Shares {
  payouts: readonly Payout[];
  returned: number;
  fee: number;
}

export interface EscrowFacts {
  escrow_status: string;
  escrow_total: number;
  model_owner_id: string;
  payouts: readonly Payout[];
  returned: number | null;
}

/** How a release shares the money out: providers, the fee where there is one, and what goes back. */
export function partsOf(shares: Shares, buyer: string): Part[] {
  return [
    ...shares.payouts.map(({ offer_id, seller_node_id, amount, base, bonus }): Part => {
      const part = { key: offer_id, kind: 'provider' as const, label: seller_node_id, credits: amount };
      return typeof base === 'number' && typeof bonus === 'number' ? { ...part, made_of: { base, bonus } } : part;
    }),
    ...(shares.fee > 0
      ? [{ key: 'fee', kind: 'fee' as const, label: 'Fee of the exchange', credits: shares.fee }]
      : []),
    { key: 'buyer', kind: 'buyer', label: `Back to ${buyer}`, credits: shares.returned },
  ];
}

/** Where the money of a contract is now; nothing where none was ever locked. */
export function whereNow(contract: EscrowFacts): Part[] {
  const { escrow_status: status, escrow_total: total, model_owner_id: buyer, payouts } = contract;
  const returned = contract.returned ?? 0;
  if (status === 'locked') return [{ key: 'escrow', kind: 'escrow', label: 'In escrow', credits: total }];
  if (status === 'released') {
    const fee = sum([total, -returned, ...payouts.map(({ amount }) => -amount)]);
    return partsOf({ payouts, returned, fee }, buyer);
  }
  return status === 'refunded' ? partsOf({ payouts: [], returned, fee: 0 }, buyer) : [];
}
