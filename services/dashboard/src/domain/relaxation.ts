/** Suggested changes of a policy, as sentences. Pure. */
import { formatCredits } from './money';

const FIELD: Readonly<Record<string, string>> = {
  budget_total: 'Budget',
  min_quality_score: 'Least quality',
  rounds: 'Rounds',
  required_modalities: 'Modalities',
  min_sample_count: 'Least samples',
  min_providers: 'Least providers',
  attestation_required: 'Attestation required',
  one_offer_per_seller: 'One offer per seller',
  excluded_sellers: 'Excluded sellers',
  label_schema: 'Label schema',
  privacy_profile: 'Privacy profile',
};

export function fieldName(field: string): string {
  return FIELD[field] ?? field;
}

export function shown(field: string, value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'any' : value.join(', ');
  if (field === 'budget_total' && typeof value === 'number')
    return value === 0 ? 'no limit' : `${formatCredits(value)} cr`;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return String(value);
}

/** `Budget 20.00 cr → 23.20 cr`, one per changed field. */
export function sentences(
  changes: Readonly<Record<string, unknown>>,
  policy: Readonly<Record<string, unknown>>,
): string[] {
  return Object.entries(changes).map(
    ([field, to]) => `${fieldName(field)} ${shown(field, policy[field])} → ${shown(field, to)}`,
  );
}
