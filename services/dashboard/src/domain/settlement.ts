/** How a contract is settled, in words. */
import { duration } from './time';

interface Word {
  label: string;
  means: string;
}

export const SETTLEMENT = {
  manual: { label: 'When somebody releases it', means: 'The money waits in escrow for a release.' },
  auto: {
    label: 'By itself',
    means: 'A complete delivery is paid for without anybody asking, unless there is a dispute.',
  },
} as const satisfies Record<string, Word>;

export const RULE = {
  delivery: { label: 'By delivery', means: 'Each provider gets its price for every round that it delivered.' },
  contribution: {
    label: 'By contribution',
    means:
      'Half of that (or more, where an offer asks for it) is paid for the delivery; the rest goes to those whose updates made the model better.',
  },
} as const satisfies Record<string, Word>;

/** How a released contract was shared in the end. */
export const SETTLED_BY = {
  delivery: { label: 'By delivery', means: 'Each provider got its price for every round that it delivered.' },
  contribution: { label: 'By contribution', means: 'Half by delivery, the rest by measured contribution.' },
  decision: { label: 'By decision', means: 'Somebody named what each provider gets.' },
} as const satisfies Record<string, Word>;

export interface SettlementFacts {
  settlement: 'manual' | 'auto' | null;
  settlement_rule: 'delivery' | 'contribution';
  dispute_window_s: number | null;
}

/** `By contribution, by itself 2 h after a complete delivery`. */
export function settlementSentence({ settlement, settlement_rule, dispute_window_s }: SettlementFacts): string {
  const rule = RULE[settlement_rule].label;
  if (settlement === null) return `${rule}, when as the exchange is set`;
  if (settlement === 'manual') return `${rule}, when somebody releases it`;
  if (dispute_window_s === null)
    return `${rule}, by itself after a complete delivery and the exchange’s dispute window`;
  if (dispute_window_s === 0) return `${rule}, by itself at once after a complete delivery`;
  return `${rule}, by itself ${duration(dispute_window_s)} after a complete delivery`;
}
