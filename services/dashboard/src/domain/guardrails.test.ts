import { describe, expect, test } from 'vitest';
import {
  type ContractFacts,
  contractGates,
  disputeMoves,
  intentGates,
  onlyFor,
  type Role,
  trainingOf,
} from './guardrails';

const entry = (event: string, data: Record<string, unknown> = {}) => ({ event, data });
const BOUND = [entry('created'), entry('escrow_locked'), entry('bound_to_round'), entry('round_started')];
const delivered = (rounds: number) => ({ deliveries: [{ offer_id: 'offer-1', rounds_delivered: rounds }] });

function contract(changes: Partial<ContractFacts> = {}): ContractFacts {
  return {
    escrow_status: 'locked',
    rounds: 3,
    selected_offers: [{ offer_id: 'offer-1' }],
    timeline: [entry('created'), entry('escrow_locked')],
    final_metrics: null,
    ...changes,
  };
}

/** The actions that are open to a role. */
function open(facts: ContractFacts, role: Role, disputed = false): string[] {
  return Object.entries(contractGates(facts, role, disputed))
    .filter(([, gate]) => gate.allowed)
    .map(([action]) => action)
    .sort();
}

describe('a contract', () => {
  test('that is locked can be trained, released, refunded and disputed by its model owner', () => {
    expect(open(contract(), 'model_owner')).toEqual(['dispute', 'part', 'refund', 'release', 'trigger']);
  });

  test('that is being trained can be stopped and released early, and neither trained again nor refunded', () => {
    expect(open(contract({ timeline: BOUND }), 'model_owner')).toEqual(['dispute', 'release', 'stop']);
  });

  test('whose rounds are delivered can be claimed by the provider, and refunded by an operator only', () => {
    const done = contract({
      timeline: [...BOUND, entry('training_completed', delivered(3))],
      final_metrics: { model_sha256: 'abc' },
    });
    expect(open(done, 'provider')).toEqual(['dispute', 'release']);
    expect(open(done, 'model_owner')).toEqual(['dispute', 'download', 'part', 'release']);
    expect(open(done, 'operator')).toContain('refund');
  });

  test('of which a part is delivered cannot be claimed by the provider, and can be trained for the rest', () => {
    const half = contract({ timeline: [...BOUND, entry('training_failed', delivered(1))] });
    expect(open(half, 'provider')).toEqual(['dispute']);
    expect(open(half, 'model_owner')).toEqual(['dispute', 'part', 'release', 'replace', 'trigger']);
  });

  test('of which a provider was replaced is complete once each has delivered what it owes', () => {
    const facts = {
      timeline: [...BOUND, entry('training_failed', delivered(1)), ...BOUND, entry('training_completed')],
    };
    const owes = (rounds: number) => contract({ ...facts, selected_offers: [{ offer_id: 'offer-1', rounds }] });
    expect(open(owes(1), 'provider')).toContain('release');
    expect(open(owes(2), 'provider')).not.toContain('release');
  });

  test('delivers what all its runs deliver together', () => {
    const timeline = [
      ...BOUND,
      entry('training_failed', delivered(1)),
      ...BOUND,
      entry('training_completed', delivered(2)),
    ];
    expect(open(contract({ timeline }), 'provider')).toContain('release');
  });

  test.each(['released', 'refunded', 'rejected', 'pending'])('that is %s moves no money', (escrow_status) => {
    expect(open(contract({ escrow_status }), 'operator')).toEqual(['dispute']);
  });

  test('says that money moves once when it was released', () => {
    const { release } = contractGates(contract({ escrow_status: 'released' }), 'model_owner', false);
    expect(release).toEqual({ allowed: false, reason: 'The escrow was already released: money moves once.' });
  });

  test('that is disputed is frozen for everybody', () => {
    expect(open(contract(), 'operator', true)).toEqual([]);
  });

  test('is only looked at by reviewers', () => {
    expect(open(contract(), 'reviewer')).toEqual([]);
  });

  test('trains as its last run does', () => {
    expect(trainingOf(contract())).toBe('none');
    expect(trainingOf(contract({ timeline: [...BOUND, entry('training_failed'), ...BOUND] }))).toBe('active');
  });
});

describe('an intent', () => {
  const gates = (status: string, allowed_transitions: string[], role: Role = 'model_owner') => {
    const found = intentGates({ status, allowed_transitions }, role);
    return Object.entries(found)
      .filter(([, gate]) => gate.allowed)
      .map(([action]) => action);
  };

  test.each([
    ['open', ['cancelled'], ['match', 'edit', 'cancel']],
    ['matched', ['closed'], ['close']],
    ['closed', [], []],
    ['cancelled', [], []],
    ['expired', [], []],
  ] as const)('that is %s offers what the server allows', (status, transitions, actions) => {
    expect(gates(status, [...transitions])).toEqual(actions);
  });

  test('explains every transition that it refuses', () => {
    for (const status of ['open', 'matched', 'closed', 'cancelled', 'expired']) {
      const transitions = { open: ['cancelled'], matched: ['closed'] }[status] ?? [];
      for (const gate of Object.values(intentGates({ status, allowed_transitions: transitions }, 'model_owner'))) {
        if (!gate.allowed) expect(gate.reason).not.toContain('Not while');
      }
    }
  });

  test('is not for providers', () => {
    expect(gates('open', ['cancelled'], 'provider')).toEqual([]);
  });
});

describe('a role', () => {
  test('may what it may, and operators may everything', () => {
    expect(onlyFor('provider', 'provider').allowed).toBe(true);
    expect(onlyFor('operator', 'provider').allowed).toBe(true);
    expect(onlyFor('reviewer', 'provider')).toEqual({
      allowed: false,
      reason: 'Only a provider or an operator may do this; you act as a reviewer.',
    });
  });

  test('names an operator once', () => {
    expect(onlyFor('reviewer', 'operator')).toMatchObject({ reason: expect.stringMatching(/^Only an operator may/) });
  });
});

test('a dispute is reviewed before it ends', () => {
  expect(disputeMoves('open')).toEqual(['under_review']);
  expect(disputeMoves('under_review')).toEqual(['resolved', 'rejected']);
  expect(disputeMoves('resolved')).toEqual([]);
});
