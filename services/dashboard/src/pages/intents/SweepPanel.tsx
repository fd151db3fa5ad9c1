import { SegmentedControl } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { api, unwrap } from '~/api/client';
import type { Intent, Sweep } from '~/api/queries';
import { useSession } from '~/app/session';
import { formatCredits } from '~/domain/money';
import { type SweptField, sweptValues } from '~/domain/sweep';
import { CurveChart, type Line } from '~/ui/CurveChart';
import { Panel } from '~/ui/layout';
import { Answer, Loading } from '~/ui/states';
import ui from '~/ui/ui.module.css';
import type { WhatIf } from './WhatIf';

/** What the intent would get for more or less money, or at another quality: one question to the market for the whole curve. */
export function SweepPanel({ intent, whatIf }: { intent: Intent; whatIf: WhatIf }) {
  const { who } = useSession();
  const allowed = who.role === 'model_owner' || who.role === 'operator';
  const [field, setField] = useState<SweptField>('budget_total');
  const [settled] = useDebouncedValue(whatIf, 300);
  const query = useQuery({
    queryKey: ['preview', intent.round_intent_id, 'sweep', field, settled],
    enabled: allowed,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => {
      const sweep = { field, values: sweptValues(field, settled[field], 20) };
      return unwrap(
        api.POST('/marketplace/policy/preview', {
          body: { round_intent_id: intent.round_intent_id, max_offers: 3, policy_overrides: settled, sweep },
          signal,
        }),
      );
    },
  });
  if (!allowed) return null;
  return (
    <Panel
      title="Along a value"
      hint="Score and price of the best set at each value; the upright line is the value now."
      actions={
        <SegmentedControl
          size="xs"
          aria-label="Value to change"
          value={field}
          onChange={(next) => setField(next as SweptField)}
          data={[
            { value: 'budget_total', label: 'Budget' },
            { value: 'min_quality_score', label: 'Least quality' },
          ]}
        />
      }
    >
      <Answer query={query} loading={<Loading rows={5} />}>
        {({ sweep }) => (sweep ? <Curve sweep={sweep} now={settled[sweep.field as SweptField]} /> : null)}
      </Answer>
    </Panel>
  );
}

function Curve({ sweep, now }: { sweep: Sweep; now: number }) {
  const [xs, lines, said] = useMemo(() => {
    const drawn: Line[] = [
      {
        label: 'score',
        values: sweep.points.map(({ total_score }) => total_score),
        color: '--bar-quality',
        side: 'left',
      },
      {
        label: 'price',
        values: sweep.points.map(({ total_price }) => total_price),
        color: '--bar-trust',
        side: 'right',
        dash: true,
      },
    ];
    const words = sweep.points.map(({ value, offers, total_price: price }) =>
      price === null ? `${value}: no match` : `${value}: ${offers} offers for ${formatCredits(price)} credits`,
    );
    return [sweep.points.map(({ value }) => value), drawn, words.join('; ')];
  }, [sweep]);
  return (
    <div data-testid="sweep">
      <div className={ui.legend} style={{ marginBottom: 6 }}>
        <span>
          <span className={ui.swatch} style={{ background: 'var(--bar-quality)' }} />
          Total score
        </span>
        <span>
          <span className={ui.swatch} style={{ background: 'var(--bar-trust)' }} />
          Total price, credits
        </span>
      </div>
      <CurveChart xs={xs} lines={lines} now={now > 0 ? now : null} said={said} />
    </div>
  );
}
