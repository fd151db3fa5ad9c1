import { Select } from '@mantine/core';
import { useMemo, useState } from 'react';
import { type Offer, useWhyNot, type WhyNotAnswer } from '~/api/queries';
import { useSession } from '~/app/session';
import { formatCredits } from '~/domain/money';
import { REASON, words } from '~/domain/states';
import { Money } from '~/ui/basics';
import { CurveChart, type Line } from '~/ui/CurveChart';
import { Facts, Panel } from '~/ui/layout';
import { Answer, Empty, Loading } from '~/ui/states';

const WINDOWS = [
  { value: '3600', label: 'Last hour' },
  { value: '86400', label: 'Last day' },
  { value: '604800', label: 'Last week' },
  { value: '2592000', label: 'Last 30 days' },
];

/** What the offer loses to, and at which price it would not: for its seller, and for operators. */
export function WhyNot({ offer }: { offer: Offer }) {
  const { who } = useSession();
  const allowed = who.role === 'provider' || who.role === 'operator';
  const [window, setWindow] = useState('604800');
  const query = useWhyNot(offer, window, allowed);
  // A provider looks at another one's offer: that it is not told is no fault.
  if (!allowed || query.data === null) return null;
  return (
    <Panel
      title="How it fares"
      hint="Recent intents, asked again of the offers of now."
      actions={
        <Select
          size="xs"
          w={140}
          aria-label="How far to look back"
          data={WINDOWS}
          value={window}
          allowDeselect={false}
          onChange={(next) => setWindow(next ?? window)}
        />
      }
    >
      <Answer query={query} loading={<Loading rows={5} />}>
        {(answer) => (answer === null ? null : <Fared answer={answer} offer={offer} />)}
      </Answer>
    </Panel>
  );
}

function Fared({ answer, offer }: { answer: WhyNotAnswer; offer: Offer }) {
  if (answer.intents === 0) return <Empty title="No intents">Nobody asked for anything in that time.</Empty>;
  const times = (count: number) => (
    <span className="num">
      {count} of {answer.intents}
    </span>
  );
  return (
    <div data-testid="why-not">
      <Facts
        rows={[
          ['Suits', times(answer.compatible)],
          ['Would be chosen', times(answer.chosen)],
          ['Lost by its price', times(answer.lost_to_price)],
          ['Lost at any price', times(answer.lost_to_others)],
          answer.withheld > 0 ? ['Not told', times(answer.withheld)] : null,
          ['Contracts with it', times(answer.contracted)],
          ...answer.lost_to_conditions.map(
            ({ reason, intents }) => [REASON[reason]?.label ?? words(reason), times(intents)] as const,
          ),
        ]}
      />
      {answer.withheld > 0 && (
        <p style={{ color: 'var(--text-3)', fontSize: 12.5 }}>
          Where only one or two other sellers compete, what came of it would tell of them.
        </p>
      )}
      {answer.compatible > answer.withheld && <PriceCurve answer={answer} now={offer.price_per_round} />}
    </div>
  );
}

function PriceCurve({ answer, now }: { answer: WhyNotAnswer; now: number }) {
  const of = answer.compatible - answer.withheld;
  const better = answer.prices
    .filter(({ price_per_round: price, chosen }) => price < now && price > 0 && chosen > answer.chosen)
    .at(-1);
  const [xs, lines, said] = useMemo(() => {
    const drawn: Line[] = [
      { label: 'chosen', values: answer.prices.map(({ chosen }) => chosen), color: '--bar-quality', side: 'left' },
    ];
    const spoken = answer.prices.map(
      ({ price_per_round: price, chosen }) => `${formatCredits(price)} credits: ${chosen} times`,
    );
    return [answer.prices.map(({ price_per_round: price }) => price), drawn, spoken.join('; ')];
  }, [answer]);
  return (
    <>
      <h3 style={{ fontSize: 13, margin: '16px 0 6px' }}>How often it would be chosen, by price per round</h3>
      <CurveChart xs={xs} lines={lines} now={now} said={said} />
      {better && (
        <p style={{ color: 'var(--text-2)', fontSize: 13 }}>
          At <Money credits={better.price_per_round} /> it would have been chosen {better.chosen} of {of} times.
        </p>
      )}
    </>
  );
}
