import type { Schemas } from '~/api/client';

type Strategy = Schemas['IntentIn']['strategy'];

/** What the form of an intent holds; numbers may be half typed. */
export interface Values extends Record<string, unknown> {
  model_owner_id: string;
  task_type: string;
  required_modalities: string[];
  min_quality_score: number | string;
  budget_total: number | string;
  rounds: number | string;
  min_sample_count: number | string;
  label_schema: string;
  privacy_profile: string;
  excluded_sellers: string[];
  attestation_required: boolean;
  one_offer_per_seller: boolean;
  min_providers: number | string;
  preferred_sellers: string[];
  pricing: 'posted' | 'truthful';
  strategy: Strategy;
  settlement: 'manual' | 'auto';
  settlement_rule: 'delivery' | 'contribution';
  /** Seconds as text; empty: as the escrow is set. */
  window: string;
  /** Seconds from now, as text; the server is told the moment. */
  lasts: string;
}

export const BLANK: Values = {
  model_owner_id: '',
  task_type: '',
  required_modalities: [],
  min_quality_score: 0,
  budget_total: 0,
  rounds: 1,
  min_sample_count: 0,
  label_schema: '',
  privacy_profile: '',
  excluded_sellers: [],
  attestation_required: false,
  one_offer_per_seller: false,
  min_providers: 1,
  preferred_sellers: [],
  pricing: 'posted',
  strategy: 'fedavg',
  settlement: 'manual',
  settlement_rule: 'delivery',
  window: '',
  lasts: '3600',
};

export const LASTS = [
  { value: '3600', label: '1 hour' },
  { value: '21600', label: '6 hours' },
  { value: '86400', label: '1 day' },
  { value: '604800', label: '1 week' },
];

export const STRATEGIES: readonly { value: Strategy; label: string }[] = [
  { value: 'fedavg', label: 'FedAvg: the mean of all updates' },
  { value: 'fedprox', label: 'FedProx: providers stay nearer to the common model' },
  { value: 'fedadam', label: 'FedAdam: adaptive steps on the server' },
  { value: 'trimmed_mean', label: 'Trimmed mean: without the extremes' },
  { value: 'krum', label: 'Krum: the update that most others are near to' },
];

export const WINDOWS = [
  { value: '', label: 'As long as the exchange says' },
  { value: '0', label: 'Not at all' },
  ...LASTS,
];

/** What matching looks at. */
export function policyOf({
  lasts: _,
  window: __,
  settlement: ___,
  settlement_rule: ____,
  strategy: _____,
  ...values
}: Values) {
  return {
    ...values,
    min_quality_score: Number(values.min_quality_score),
    budget_total: Number(values.budget_total),
    rounds: Number(values.rounds),
    min_sample_count: Number(values.min_sample_count),
    min_providers: Number(values.min_providers),
  };
}

/** The whole intent, but for its deadline. */
export function termsOf(values: Values) {
  const { settlement, settlement_rule, window } = values;
  return {
    ...policyOf(values),
    settlement,
    settlement_rule,
    dispute_window_s: settlement === 'auto' && window !== '' ? Number(window) : null,
  };
}
