import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ATTESTATION, INTENT, look, OFFER, ROLE } from './states';

const { components } = JSON.parse(readFileSync('../../docs/openapi.json', 'utf8'));

test.each([
  ['intents', INTENT, components.schemas.IntentStatus.enum],
  ['offers', OFFER, components.schemas.OfferIn.properties.status.enum],
  ['attestations', ATTESTATION, components.schemas.OfferIn.properties.attestation_status.enum],
  ['roles', ROLE, components.schemas.Role.enum],
])('every state of %s has a look', (_, map, states: string[]) => {
  expect(Object.keys(map).sort()).toEqual([...states].sort());
});

test('a state that a newer server may have is shown in words', () => {
  expect(look(INTENT, 'on_hold')).toEqual({ label: 'On hold', tone: 'neutral', means: '' });
});
