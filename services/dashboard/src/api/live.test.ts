import { expect, test } from 'vitest';
import { outdatedBy } from './live';

const first = (kind: string) => outdatedBy({ kind, data: {} }).map(([name]) => name);

test.each([
  ['marketplace.offer_published', ['offers', 'preview', 'summary']],
  ['marketplace.intent_changed', ['intents', 'summary']],
  ['escrow.funds_released', ['contracts', 'summary', 'intents', 'accounts']],
  ['training.round_completed', ['contracts', 'summary', 'intents', 'runs']],
  ['escrow.dispute_opened', ['contracts', 'summary', 'intents', 'accounts', 'disputes']],
  ['training.node_changed', ['nodes', 'summary']],
  ['dead_letter.buried', ['letters', 'summary']],
])('%s makes out of date what it is about', (kind, keys) => {
  expect(first(kind)).toEqual(keys);
});
