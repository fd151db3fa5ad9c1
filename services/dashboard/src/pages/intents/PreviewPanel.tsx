import { Button } from '@mantine/core';
import { IconWand } from '@tabler/icons-react';
import { Link } from 'react-router';
import type { Diagnostics, Preview, Selected } from '~/api/queries';
import { times } from '~/domain/money';
import { sentences } from '~/domain/relaxation';
import { REASON, words } from '~/domain/states';
import { Badge, Money } from '~/ui/basics';
import { ScoreBars } from '~/ui/ScoreBars';
import css from './intents.module.css';

type Changes = Readonly<Record<string, unknown>>;

/** What a match would give: the chosen offers with their scores, or why there are none and what would help. */
export function PreviewPanel({
  preview,
  policy,
  rounds,
  apply,
  applyLabel = 'Apply',
}: {
  preview: Preview;
  policy: Changes;
  rounds: number;
  apply?: (changes: Changes) => void;
  applyLabel?: string;
}) {
  const diagnostics = preview.selection_diagnostics;
  const total = times(preview.agreed_price_per_round_total, rounds);
  return (
    <div data-testid="preview" data-match={preview.has_match}>
      <div className={css.verdict}>
        <div>
          {preview.has_match ? <Badge tone="good">Would match</Badge> : <Badge tone="warn">No match</Badge>}
          <div style={{ color: 'var(--text-3)', fontSize: 13, marginTop: 4 }}>
            {diagnostics.compatible_offers} of {diagnostics.offers_evaluated} offers fit
          </div>
        </div>
        {preview.has_match && (
          <div style={{ textAlign: 'right' }}>
            <div className={css.big}>
              <Money credits={total} />
            </div>
            <div style={{ color: 'var(--text-3)', fontSize: 12.5 }}>
              <Money credits={preview.agreed_price_per_round_total} /> × {rounds} {rounds === 1 ? 'round' : 'rounds'}
            </div>
          </div>
        )}
      </div>
      {preview.selected_offers.map((offer) => (
        <SelectedOffer key={offer.offer_id} offer={offer} />
      ))}
      {!preview.has_match && (
        <NoMatch diagnostics={diagnostics} policy={policy} apply={apply} applyLabel={applyLabel} />
      )}
      {preview.has_match && <Reasons diagnostics={diagnostics} title="Offers that do not fit, by reason" />}
      {preview.has_match && <RefusedBefore diagnostics={diagnostics} />}
    </div>
  );
}

export function SelectedOffer({ offer }: { offer: Selected }) {
  return (
    <div className={css.offer}>
      <div className={css.offerHead}>
        <span>
          <Link to={`/offers/${offer.offer_id}`} className="link" style={{ fontWeight: 560 }}>
            {offer.seller_node_id}
          </Link>{' '}
          <span style={{ color: 'var(--text-3)' }} className="num">
            score {offer.score.toFixed(3)}
          </span>
        </span>
        <span>
          <Money credits={offer.price_per_round} />
          <span style={{ color: 'var(--text-3)' }}> a round</span>
        </span>
      </div>
      <ScoreBars score={offer.score_breakdown} />
    </div>
  );
}

export function NoMatch({
  diagnostics,
  policy,
  apply,
  applyLabel = 'Apply',
}: {
  diagnostics: Diagnostics;
  policy: Changes;
  apply?: (changes: Changes) => void;
  applyLabel?: string;
}) {
  const { relaxations, near_misses: near, offers_evaluated: evaluated } = diagnostics;
  return (
    <>
      {evaluated === 0 && <p style={{ color: 'var(--text-2)' }}>Nothing is on offer yet: a provider has to begin.</p>}
      {relaxations.length > 0 && (
        <>
          <h3 className={css.sub}>What would match</h3>
          {relaxations.map((option) => (
            <div key={JSON.stringify(option.changes)} className={css.change}>
              <span>
                {sentences(option.changes, policy).map((sentence) => (
                  <span key={sentence} style={{ display: 'block', fontWeight: 550 }}>
                    {sentence}
                  </span>
                ))}
                <span style={{ color: 'var(--text-3)', fontSize: 12.5 }}>
                  {option.offers} {option.offers === 1 ? 'offer' : 'offers'} for <Money credits={option.total_price} />
                </span>
              </span>
              {apply && (
                <Button
                  size="xs"
                  variant="light"
                  leftSection={<IconWand size={14} />}
                  onClick={() => apply(option.changes)}
                  aria-label={`${applyLabel}: ${sentences(option.changes, policy).join(', ')}`}
                >
                  {applyLabel}
                </Button>
              )}
            </div>
          ))}
        </>
      )}
      {evaluated > 0 && relaxations.length === 0 && (
        <p style={{ color: 'var(--text-2)' }}>
          No change of this intent would match: what stands in the way is up to the providers.
        </p>
      )}
      {(diagnostics.not_relaxable?.length ?? 0) > 0 && (
        <p style={{ color: 'var(--text-3)', fontSize: 12.5 }}>
          Up to the providers, whatever you ask:{' '}
          {diagnostics.not_relaxable
            ?.map((reason) => (REASON[reason]?.label ?? words(reason)).toLowerCase())
            .join(', ')}
          .
        </p>
      )}
      <Reasons diagnostics={diagnostics} title="Why nothing fits" />
      <RefusedBefore diagnostics={diagnostics} />
      {near.length > 0 && (
        <>
          <h3 className={css.sub}>Near misses</h3>
          {near.map((miss) => (
            <div
              key={miss.offer_id}
              style={{ display: 'flex', justifyContent: 'space-between', gap: 12, padding: '5px 0', fontSize: 13 }}
            >
              <span>
                <Link to={`/offers/${miss.offer_id}`} className="link">
                  {miss.seller_node_id}
                </Link>{' '}
                <span style={{ color: 'var(--text-3)' }}>
                  {(REASON[miss.reason]?.label ?? words(miss.reason)).toLowerCase()}
                  {miss.gap !== null && ` by ${Number(miss.gap.toFixed(6))}`}
                </span>
              </span>
              <Money credits={miss.price_per_round} />
            </div>
          ))}
        </>
      )}
    </>
  );
}

/** What nodes of these offers refused to train lately: who buys them again may meet the same refusal. */
export function RefusedBefore({ diagnostics }: { diagnostics: Diagnostics }) {
  const refusals = diagnostics.node_refusals ?? [];
  if (refusals.length === 0) return null;
  return (
    <>
      <h3 className={css.sub}>Refused in training lately</h3>
      {refusals.map((refusal) => (
        <div key={`${refusal.offer_id} ${refusal.error_code}`} style={{ padding: '5px 0', fontSize: 13 }}>
          <Link to={`/offers/${refusal.offer_id}`} className="link">
            {words(refusal.error_code)}
          </Link>{' '}
          <span style={{ color: 'var(--text-3)' }}>
            {refusal.rounds} {refusal.rounds === 1 ? 'round' : 'rounds'}. {refusal.message}
          </span>
        </div>
      ))}
    </>
  );
}

/** Every failed condition of every offer is counted, so the counts may add up to more than there are offers. */
function Reasons({ diagnostics, title }: { diagnostics: Diagnostics; title: string }) {
  const reasons = Object.entries(diagnostics.rejection_reasons).sort(([, a], [, b]) => b - a);
  if (reasons.length === 0) return null;
  const most = Math.max(1, diagnostics.offers_evaluated);
  return (
    <>
      <h3 className={css.sub}>{title}</h3>
      {reasons.map(([reason, count]) => (
        <div key={reason} className={css.reason}>
          <span title={REASON[reason]?.advice}>{REASON[reason]?.label ?? words(reason)}</span>
          <span className={css.track} aria-hidden>
            <span style={{ width: `${(count / most) * 100}%` }} />
          </span>
          <span className="num" style={{ textAlign: 'right' }}>
            {count}
          </span>
        </div>
      ))}
    </>
  );
}
