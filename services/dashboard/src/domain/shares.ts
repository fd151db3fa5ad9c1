/** What a release or a resolution names for each offer. */
import { sum } from './money';

/** Credits by offer, before the fee; '' where none is named. */
export type Amounts = Readonly<Record<string, number | ''>>;

/** What goes back to the buyer; null where it hangs on what the agreed rule would pay. */
export function backOf(total: number, amounts: Amounts): number | null {
  const named = Object.values(amounts);
  return named.includes('') ? null : sum([total, ...named.map((amount) => -amount)]);
}

/** As the API takes it: an offer without an amount gets what the agreed rule would pay it. */
export function payoutsOf(amounts: Amounts): { offer_id: string; amount?: number }[] {
  return Object.entries(amounts).map(([offer_id, amount]) => (amount === '' ? { offer_id } : { offer_id, amount }));
}
