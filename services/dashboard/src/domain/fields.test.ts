import { describe, expect, test } from 'vitest';
import { complaint, complaints, rulesOf } from './fields';

const offer = (field: string, value: unknown) => complaint(rulesOf('OfferIn')[field] ?? { required: false }, value);

describe('a field', () => {
  test.each([
    ['seller_node_id', '', 'Required.'],
    ['seller_node_id', '   ', 'Required.'],
    ['title', '', null],
    ['title', 'x'.repeat(200), null],
    ['title', 'x'.repeat(201), 'At most 200 characters.'],
    ['title', 'a\u0000b', 'Must not contain control characters.'],
    ['quality_score', 1.01, 'At most 1.'],
    ['quality_score', -0.1, 'At least 0.'],
    ['quality_score', '', 'Required.'],
    ['quality_score', 'x', 'Must be a number.'],
    ['price_per_round', 2.1234567, 'At most 6 decimal places.'],
    ['price_per_round', 0.000001, null],
    ['price_per_round', -1, 'At least 0.'],
    ['price_per_round', 1_000_000_001, 'At most 1,000,000,000.'],
    ['min_rounds', 0, 'At least 1.'],
    ['min_rounds', 1.5, 'Must be a whole number.'],
    ['attestation_status', 'perhaps', 'One of unknown, pending, verified, revoked.'],
  ])('%s with %j is judged as the server judges it', (field, value, expected) => {
    expect(offer(field, value)).toBe(expected);
  });

  test('that the form does not show is not judged', () => {
    expect(complaints('OfferIn', { title: 'x' })).toEqual({});
  });
});
