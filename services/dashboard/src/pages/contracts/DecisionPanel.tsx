import { type Contract, type Decision, useDecision } from '~/api/queries';
import { useSession } from '~/app/session';
import { Id, Money } from '~/ui/basics';
import { Facts, Panel } from '~/ui/layout';

/** What decided: the best other set, the bound, and what choosing by score alone would have lost. Not for sellers. */
export function DecisionPanel({ contract }: { contract: Contract }) {
  const { who } = useSession();
  const { data } = useDecision(contract.contract_id, who.role !== 'provider');
  if (data === undefined || data === null || who.role === 'provider') return null;
  const pricing = contract.selection_diagnostics.pricing;
  return (
    <Panel title="How it was decided" hint="Recorded with the contract; anyone with the record can decide again.">
      <div data-testid="decision">
        <Facts
          rows={[
            ['Chosen', <SetOf key="chosen" decided={data.chosen} />],
            [
              'Runner-up',
              data.runner_up === null ? 'no other set would do' : <SetOf key="other" decided={data.runner_up} />,
            ],
            [
              'No set beats',
              <span key="bound" className="num">
                {data.upper_bound.toFixed(3)}
              </span>,
            ],
            [
              'By score alone',
              data.greedy === null ? 'nothing would have been found' : <SetOf key="greedy" decided={data.greedy} />,
            ],
            [
              'It would have lost',
              <span key="regret" className="num">
                {data.greedy_regret.toFixed(3)}
              </span>,
            ],
            [
              'Offers weighed',
              <span key="book" className="num">
                {data.book.considered_offers} of {data.book.compatible_offers} that fit, {data.book.offers_evaluated} in
                the book
              </span>,
            ],
            pricing
              ? [
                  'Truthful pricing',
                  <span key="pricing" className="num">
                    <Money credits={pricing.paid_above_asked} /> above what is asked, score lost{' '}
                    {pricing.score_lost.toFixed(3)}
                  </span>,
                ]
              : null,
            ['Hash', <Id key="hash" id={data.hash} what="hash of the decision" />],
          ]}
        />
      </div>
    </Panel>
  );
}

function SetOf({ decided }: { decided: Decision['chosen'] }) {
  return (
    <span className="num">
      {decided.offer_ids.length} {decided.offer_ids.length === 1 ? 'offer' : 'offers'}, score{' '}
      {decided.total_score.toFixed(3)}, <Money credits={decided.total_price} />
    </span>
  );
}
