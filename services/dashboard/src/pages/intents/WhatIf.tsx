import { NumberInput, Slider, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api, unwrap } from '~/api/client';
import type { Difference, Intent } from '~/api/queries';
import { useSession } from '~/app/session';
import { formatCredits } from '~/domain/money';
import { Panel } from '~/ui/layout';
import { Answer, Loading, Note } from '~/ui/states';
import css from './intents.module.css';
import { PreviewPanel } from './PreviewPanel';

/** The two values of an intent that most decide what it matches, and may be changed while it is open. */
export interface WhatIf {
  budget_total: number;
  min_quality_score: number;
}

export function WhatIfSliders({
  intent,
  value,
  change,
}: {
  intent: Intent;
  value: WhatIf;
  change: (next: WhatIf) => void;
}) {
  const most = Math.max(20, Math.ceil((intent.budget_total || 50) * 2));
  return (
    <>
      <div className={css.slider}>
        <div className={css.sliderHead}>
          <span>Budget</span>
          <NumberInput
            aria-label="Budget"
            size="xs"
            w={120}
            min={0}
            max={1_000_000_000}
            suffix=" cr"
            value={value.budget_total}
            onChange={(budget) => change({ ...value, budget_total: Number(budget) || 0 })}
          />
        </div>
        <Slider
          thumbLabel="Budget"
          label={null}
          min={0}
          max={most}
          step={0.5}
          value={Math.min(most, value.budget_total)}
          onChange={(budget) => change({ ...value, budget_total: budget })}
        />
        {value.budget_total === 0 && (
          <Text size="xs" c="dimmed" mt={4}>
            0 means no limit.
          </Text>
        )}
      </div>
      <div>
        <div className={css.sliderHead}>
          <span>Least quality</span>
          <NumberInput
            aria-label="Least quality"
            size="xs"
            w={120}
            min={0}
            max={1}
            step={0.05}
            decimalScale={6}
            value={value.min_quality_score}
            onChange={(quality) => change({ ...value, min_quality_score: Number(quality) || 0 })}
          />
        </div>
        <Slider
          thumbLabel="Least quality"
          label={null}
          min={0}
          max={1}
          step={0.01}
          value={value.min_quality_score}
          onChange={(quality) => change({ ...value, min_quality_score: quality })}
        />
      </div>
    </>
  );
}

export function LivePreview({
  intent,
  whatIf,
  changed,
  apply,
}: {
  intent: Intent;
  whatIf: WhatIf;
  changed: boolean;
  apply: (changes: Readonly<Record<string, unknown>>) => void;
}) {
  const { who } = useSession();
  const allowed = who.role === 'model_owner' || who.role === 'operator';
  const [settled] = useDebouncedValue(whatIf, 150);
  const query = useQuery({
    queryKey: ['preview', intent.round_intent_id, settled],
    enabled: allowed,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      unwrap(
        api.POST('/marketplace/policy/preview', {
          body: { round_intent_id: intent.round_intent_id, max_offers: 3, policy_overrides: settled },
          signal,
        }),
      ),
  });
  if (!allowed) return null;
  return (
    <Panel
      title="Policy preview"
      hint={changed ? 'With your changes, which are not saved yet.' : 'What a match would give now.'}
    >
      <Answer query={query} loading={<Loading rows={6} />}>
        {({ preview, baseline, difference }) => (
          <div style={{ minHeight: 220 }}>
            {changed && baseline.has_match !== preview.has_match && (
              <div style={{ marginBottom: 12 }}>
                <Note tone={preview.has_match ? 'good' : 'warn'}>
                  {preview.has_match
                    ? 'As it stands, the intent has no match; with your changes it has one.'
                    : 'With your changes, the match is lost.'}
                </Note>
              </div>
            )}
            {changed && baseline.has_match && preview.has_match && <Changed difference={difference} />}
            <PreviewPanel
              preview={preview}
              policy={{ ...intent, ...settled }}
              rounds={intent.rounds}
              apply={intent.status === 'open' ? apply : undefined}
              applyLabel="Try"
            />
          </div>
        )}
      </Answer>
    </Panel>
  );
}

/** What the preview has more or less than the intent as it stands. */
function Changed({ difference }: { difference: Difference }) {
  const { offers_gained: gained, offers_lost: lost, total_price: price, total_score: score } = difference;
  const signed = (value: string, number: number) => (number < 0 ? value.replace('-', '−') : `+${value}`);
  return (
    <Text size="sm" c="dimmed" mb={10} data-testid="difference">
      {gained.length === 0 && lost.length === 0
        ? 'The same offers as without your changes.'
        : `Against the intent as it stands: ${gained.length} offers gained, ${lost.length} lost, price ${signed(formatCredits(price), price)} cr, score ${signed(score.toFixed(3), score)}.`}
    </Text>
  );
}
