import { describe, expect, test } from 'vitest';
import { nextStep, stepsOf, type TourFacts } from './tour';

const EMPTY: TourFacts = { since: 1000, offers: [], intents: [], contracts: [], read: [] };
const OFFER = { offer_id: 'offer-1', status: 'active', created_at: 1001 };
const INTENT = { round_intent_id: 'intent-1', status: 'open', created_at: 1002 };
const contract = (...events: string[]) => ({
  contract_id: 'contract-1',
  round_intent_id: 'intent-1',
  escrow_status: events.includes('escrow_released')
    ? 'released'
    : events.includes('escrow_locked')
      ? 'locked'
      : 'pending',
  created_at: 1003,
  timeline: events.map((event) => ({ event })),
});
const TRAINED = ['created', 'escrow_locked', 'bound_to_round', 'training_completed'];
const next = (facts: Partial<TourFacts>) => nextStep(stepsOf({ ...EMPTY, ...facts }))?.id;

describe('the guided loop', () => {
  test('goes through six steps as the facts arrive', () => {
    expect(next({})).toBe('offer');
    expect(next({ offers: [OFFER] })).toBe('intent');
    expect(next({ offers: [OFFER], intents: [INTENT] })).toBe('match');
    const bound = { offers: [OFFER], intents: [INTENT] };
    expect(next({ ...bound, contracts: [contract('created')] })).toBe('match');
    expect(next({ ...bound, contracts: [contract('created', 'escrow_locked')] })).toBe('train');
    expect(next({ ...bound, contracts: [contract(...TRAINED)] })).toBe('release');
    const paid = contract(...TRAINED, 'escrow_released');
    expect(next({ ...bound, contracts: [paid] })).toBe('read');
    expect(next({ ...bound, contracts: [paid], read: ['contract-1'] })).toBeUndefined();
  });

  test('does not count what was there before it began', () => {
    expect(next({ since: 2000, offers: [OFFER], intents: [INTENT], contracts: [contract(...TRAINED)] })).toBe('offer');
  });

  test('goes back to the match when the escrow was rejected', () => {
    const rejected = { ...contract('created'), escrow_status: 'rejected' };
    expect(next({ offers: [OFFER], intents: [INTENT], contracts: [rejected] })).toBe('match');
  });

  test('leads to the intent and the contract that it made', () => {
    const steps = stepsOf({ ...EMPTY, offers: [OFFER], intents: [INTENT], contracts: [contract(...TRAINED)] });
    expect(steps.find(({ id }) => id === 'match')?.to).toBe('/intents/intent-1');
    expect(steps.find(({ id }) => id === 'release')?.to).toBe('/contracts/contract-1');
  });

  test('says that training is under way', () => {
    const steps = stepsOf({ ...EMPTY, contracts: [contract('created', 'escrow_locked', 'bound_to_round')] });
    expect(steps.find(({ id }) => id === 'train')?.busy).toBe(true);
  });
});
