/** How every state looks and is called: one map, so that a state has the same colour and word on every page. */

export type Tone = 'neutral' | 'info' | 'good' | 'warn' | 'bad' | 'live';

export interface Look {
  label: string;
  tone: Tone;
  means: string;
}

export const INTENT = {
  open: { label: 'Open', tone: 'info', means: 'May be matched until its deadline.' },
  matched: { label: 'Matched', tone: 'good', means: 'Bound into a contract.' },
  closed: { label: 'Closed', tone: 'neutral', means: 'Its owner is done with it.' },
  cancelled: { label: 'Cancelled', tone: 'neutral', means: 'Its owner gave it up before a match.' },
  expired: { label: 'Expired', tone: 'warn', means: 'Its deadline passed before a match.' },
} as const satisfies Record<string, Look>;

export const OFFER = {
  active: { label: 'Active', tone: 'good', means: 'Can be matched.' },
  paused: { label: 'Paused', tone: 'warn', means: 'Cannot be matched for now.' },
  withdrawn: { label: 'Withdrawn', tone: 'neutral', means: 'Off the market.' },
} as const satisfies Record<string, Look>;

export const ATTESTATION = {
  unknown: { label: 'Not attested', tone: 'neutral', means: 'Nobody has verified the data.' },
  pending: { label: 'Pending', tone: 'info', means: 'A verification is under way.' },
  verified: { label: 'Verified', tone: 'good', means: 'Somebody verified the data: full trust in the score.' },
  revoked: { label: 'Revoked', tone: 'bad', means: 'A verification was taken back.' },
} as const satisfies Record<string, Look>;

export const ESCROW = {
  pending: { label: 'Securing funds', tone: 'info', means: 'The escrow is being asked for the money.' },
  locked: { label: 'Locked', tone: 'info', means: 'The price is reserved: the contract may train.' },
  released: { label: 'Released', tone: 'good', means: 'The providers are paid.' },
  refunded: { label: 'Refunded', tone: 'warn', means: 'The model owner has the money back.' },
  rejected: { label: 'Rejected', tone: 'bad', means: 'There was not enough money.' },
} as const satisfies Record<string, Look>;

export const RUN = {
  queued: { label: 'Queued', tone: 'info', means: 'Bound to the contract, not yet at Flower.' },
  starting: { label: 'Starting', tone: 'live', means: 'Handed to Flower, which starts its app.' },
  running: { label: 'Training', tone: 'live', means: 'Rounds are being trained.' },
  succeeded: { label: 'Succeeded', tone: 'good', means: 'Every round was trained.' },
  failed: { label: 'Failed', tone: 'bad', means: 'Training ended before its last round.' },
  stopped: { label: 'Stopped', tone: 'warn', means: 'Somebody stopped it.' },
} as const satisfies Record<string, Look>;

export const DISPUTE = {
  open: { label: 'Open', tone: 'warn', means: 'Freezes what is still held.' },
  under_review: { label: 'Under review', tone: 'warn', means: 'An operator looks at it; the money stays frozen.' },
  resolved: { label: 'Resolved', tone: 'good', means: 'Ended in favour of the reporter.' },
  rejected: { label: 'Rejected', tone: 'neutral', means: 'Ended without consequence.' },
} as const satisfies Record<string, Look>;

export const WITHDRAWAL = {
  requested: { label: 'Requested', tone: 'info', means: 'The money is out of the participant’s reach.' },
  confirmed: { label: 'Paid out', tone: 'good', means: 'The money has left.' },
  rejected: { label: 'Rejected', tone: 'neutral', means: 'The money is back.' },
} as const satisfies Record<string, Look>;

/** Of a key or an invitation. */
export const LIFE = {
  valid: { label: 'Valid', tone: 'good', means: 'It opens what it is for.' },
  expired: { label: 'Expired', tone: 'neutral', means: 'Its time is up.' },
  used: { label: 'Used up', tone: 'neutral', means: 'It has let in as many as it may.' },
  revoked: { label: 'Revoked', tone: 'bad', means: 'Somebody ended it.' },
} as const satisfies Record<string, Look>;

/** Of a request to join. */
export const REQUEST = {
  pending: { label: 'Waiting', tone: 'info', means: 'An operator has to decide.' },
  approved: { label: 'Approved', tone: 'good', means: 'An invitation was made.' },
  rejected: { label: 'Rejected', tone: 'neutral', means: 'An operator said no, and why.' },
} as const satisfies Record<string, Look>;

export const ROLE = {
  provider: { label: 'Provider', tone: 'info', means: 'Sells the right to train on its data.' },
  model_owner: { label: 'Model owner', tone: 'info', means: 'Buys training rounds.' },
  operator: { label: 'Operator', tone: 'info', means: 'Runs the exchange; may do everything.' },
  reviewer: { label: 'Reviewer', tone: 'info', means: 'Reads everything, changes nothing.' },
  service: { label: 'Service', tone: 'info', means: 'A part of the exchange.' },
} as const satisfies Record<string, Look>;

/** The steps of a contract's timeline. */
export const STEP = {
  created: { label: 'Contract made', tone: 'info', means: 'The intent was bound to the chosen offers.' },
  escrow_locked: { label: 'Escrow locked', tone: 'good', means: 'The price left the buyer’s account and is held.' },
  escrow_rejected: { label: 'Escrow rejected', tone: 'bad', means: 'The buyer’s balance did not cover the price.' },
  bound_to_round: { label: 'Bound to a run', tone: 'info', means: 'A training run was reserved for this contract.' },
  round_started: { label: 'Training started', tone: 'live', means: 'Flower claimed the run.' },
  round_completed: { label: 'Round completed', tone: 'live', means: 'A federated round was trained and measured.' },
  training_completed: { label: 'Training completed', tone: 'good', means: 'The model is stored.' },
  training_failed: { label: 'Training failed', tone: 'bad', means: 'The run ended early; what was delivered counts.' },
  escrow_released: { label: 'Escrow released', tone: 'good', means: 'Providers were paid, the rest went back.' },
  escrow_refunded: { label: 'Escrow refunded', tone: 'warn', means: 'The whole amount went back.' },
  provider_replaced: { label: 'Provider replaced', tone: 'warn', means: 'Others train the rounds that are left.' },
  dispute_opened: { label: 'Dispute opened', tone: 'warn', means: 'What is still held is frozen.' },
  dispute_resolved: { label: 'Dispute ended', tone: 'info', means: 'What is held can move again.' },
} as const satisfies Record<string, Look>;

/** Why an offer does not fit, and what can be done about it. */
export const REASON: Readonly<Record<string, { label: string; advice: string }>> = {
  offer_not_active: { label: 'Offer not active', advice: 'Only the provider can activate it.' },
  offer_expired: { label: 'Offer expired', advice: 'Only the provider can renew it.' },
  task_not_supported: { label: 'Task not allowed', advice: 'The provider does not sell its data for this task.' },
  modality_mismatch: { label: 'Other modality', advice: 'Allow this modality, too.' },
  quality_below_threshold: { label: 'Quality too low', advice: 'Ask for less quality.' },
  min_rounds_not_met: { label: 'Too few rounds', advice: 'Buy more rounds.' },
  sample_count_too_small: { label: 'Too few samples', advice: 'Ask for fewer samples.' },
  label_schema_mismatch: { label: 'Other label schema', advice: 'Leave the label schema open.' },
  privacy_profile_mismatch: { label: 'Other privacy profile', advice: 'Leave the privacy profile open.' },
  attestation_missing: { label: 'Not attested', advice: 'Do not insist on attestation.' },
  seller_excluded: { label: 'Seller excluded', advice: 'Allow this seller.' },
  price_over_budget: { label: 'Price over budget', advice: 'Raise the budget, or buy fewer rounds.' },
};

/** `some_code` as `Some code`, for what a newer server may say and this page does not know yet. */
export function words(code: string): string {
  const spaced = code.replaceAll('_', ' ');
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

export function look(map: Readonly<Record<string, Look>>, state: string): Look {
  return map[state] ?? { label: words(state), tone: 'neutral', means: '' };
}
