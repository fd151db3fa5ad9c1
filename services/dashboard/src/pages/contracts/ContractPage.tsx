import { useEffect, useMemo } from 'react';
import { Link, useParams, useSearchParams } from 'react-router';
import { type Contract, type Run, useContract, useDisputes, useRun } from '~/api/queries';
import { markRead } from '~/app/tour';
import { deliveredBy, isFreezing, trainingOf } from '~/domain/guardrails';
import { sum } from '~/domain/money';
import { settlementSentence } from '~/domain/settlement';
import { ESCROW, RUN } from '~/domain/states';
import { duration } from '~/domain/time';
import { RefusedBefore } from '~/pages/intents/PreviewPanel';
import { DisputeList } from '~/pages/operations/DisputeList';
import { Dash, Id, Measured, Money, SandboxTag, Status, shortId, Time } from '~/ui/basics';
import { PageHead, Panel, right, Stat, Stats, Table, wideRight } from '~/ui/layout';
import { ScoreBars } from '~/ui/ScoreBars';
import { Answer, Empty, Note } from '~/ui/states';
import ui from '~/ui/ui.module.css';
import { Actions } from './Actions';
import css from './contracts.module.css';
import { DecisionPanel } from './DecisionPanel';
import { EscrowPicture } from './EscrowPicture';
import { Evidence } from './Evidence';
import { ModelCard } from './ModelCard';
import { Refusals } from './Refusals';
import RoundsChart, { type Point } from './RoundsChart';
import { Timeline, useVerdict } from './Timeline';

export default function ContractPage() {
  const { contractId = '' } = useParams();
  const contract = useContract(contractId);
  return <Answer query={contract}>{(data) => <ContractView contract={data} />}</Answer>;
}

function ContractView({ contract }: { contract: Contract }) {
  const [params] = useSearchParams();
  const run = useRun(contract.execution_run_id);
  const disputes = useDisputes(contract.contract_id);
  const disputed = disputes.data?.disputes.some(({ status }) => isFreezing(status)) ?? false;
  const verdict = useVerdict(contract.timeline);
  const released = contract.escrow_status === 'released';
  const read = params.has('read') && released && verdict?.state === 'sound';
  useEffect(() => {
    if (read) markRead(contract.contract_id);
  }, [read, contract.contract_id]);
  return (
    <>
      <PageHead
        title={`Contract ${shortId(contract.contract_id).replace('contract-', '')}`}
        crumbs={[{ to: '/contracts', label: 'Contracts' }]}
        hint={
          <span style={{ display: 'inline-flex', gap: 8, alignItems: 'center', flexWrap: 'wrap' }}>
            <Status map={ESCROW} state={contract.escrow_status} />
            {run.data && <Status map={RUN} state={run.data.state} />}
            {contract.sandbox && <SandboxTag />}
            <Id id={contract.contract_id} what="contract id" />
            <span>
              {contract.task_type} for {contract.model_owner_id}, made <Time ts={contract.created_at} />,{' '}
              <Link to={`/intents/${contract.round_intent_id}`} className="link">
                its intent
              </Link>
            </span>
          </span>
        }
      />
      {disputed && (
        <div style={{ marginBottom: 16 }}>
          <Note tone="warn" title="Disputed">
            What is held stays where it is until the dispute ends.
          </Note>
        </div>
      )}
      <Figures contract={contract} run={run.data} />
      <div className={css.split} style={{ marginTop: 20 }}>
        <div className={css.column}>
          <Rounds contract={contract} run={run.data} />
          <Providers contract={contract} run={run.data} />
          <Refusals run={run.data} />
          <ModelCard run={run.data} />
          <Scores contract={contract} />
          <DecisionPanel contract={contract} />
        </div>
        <div className={css.column}>
          <div className={css.first}>
            <Actions contract={contract} disputed={disputed} />
          </div>
          <EscrowPicture contract={contract} />
          {(disputes.data?.count ?? 0) > 0 && (
            <Panel title="Disputes" flush>
              <DisputeList disputes={disputes.data?.disputes ?? []} />
            </Panel>
          )}
          <Timeline
            events={contract.timeline}
            verdict={verdict}
            onRead={released && !params.has('read') ? () => markRead(contract.contract_id) : undefined}
          />
          <Evidence contractId={contract.contract_id} />
        </div>
      </div>
    </>
  );
}

function Figures({ contract, run }: { contract: Contract; run: Run | undefined }) {
  const paid = sum(contract.payouts.map(({ amount }) => amount));
  const last = run?.rounds_detail.at(-1);
  return (
    <Stats>
      <Stat
        label="Escrow"
        value={<Money credits={contract.escrow_total} />}
        hint={
          <>
            <Money credits={contract.agreed_price_per_round_total} /> × {contract.rounds} rounds.{' '}
            {settlementSentence(contract)}.
          </>
        }
      />
      <Stat
        label="Paid to providers"
        value={contract.payout_status === 'released' ? <Money credits={paid} /> : <Dash />}
        hint={contract.returned === null ? 'after the release' : <>{<Money credits={contract.returned} />} returned</>}
      />
      <Stat
        label="Rounds"
        value={`${run?.rounds_completed ?? 0} / ${contract.rounds}`}
        hint={
          last?.seconds === null || last?.seconds === undefined
            ? 'not trained yet'
            : `the last took ${duration(last.seconds)}`
        }
      />
      <Stat
        label="Accuracy"
        value={<Measured value={run?.rounds_detail.length ? run.accuracy : null} />}
        hint={run?.untrained?.accuracy == null ? 'on held-out data' : `untrained ${run.untrained.accuracy.toFixed(3)}`}
      />
      <Stat
        label="Loss"
        value={<Measured value={run?.rounds_detail.length ? run.loss : null} />}
        hint={run?.untrained?.loss == null ? 'on held-out data' : `untrained ${run.untrained.loss.toFixed(3)}`}
      />
    </Stats>
  );
}

function Rounds({ contract, run }: { contract: Contract; run: Run | undefined }) {
  const points = useMemo((): Point[] => {
    const measured = [...(run?.untrained ? [run.untrained] : []), ...(run?.rounds_detail ?? [])];
    return measured.map(({ round, accuracy, loss }) => ({ round, accuracy, loss }));
  }, [run]);
  const training = trainingOf(contract);
  return (
    <Panel
      title="Rounds"
      hint={
        training === 'active'
          ? 'Measured on held-out data, live as they arrive.'
          : 'Measured on held-out data after every round.'
      }
      actions={
        <div className={ui.legend}>
          <span>
            <span className={ui.swatch} style={{ background: 'var(--bar-quality)' }} />
            Accuracy
          </span>
          <span>
            <span className={ui.swatch} style={{ background: 'var(--bar-trust)' }} />
            Loss
          </span>
        </div>
      }
    >
      {run === undefined ? (
        <div style={{ minHeight: 230 }}>
          <Empty title="Not trained yet">
            {contract.escrow_status === 'locked'
              ? 'The money is locked: it may be trained.'
              : 'Training begins once the escrow is locked.'}
          </Empty>
        </div>
      ) : (
        <>
          <RoundsChart points={points} target={run.rounds} />
          {run.state === 'failed' && (
            <Note tone="bad" title="Training failed">
              {run.reason}
            </Note>
          )}
          <div aria-live="polite" style={{ margin: '8px -18px -18px' }}>
            <Table
              label="Rounds"
              head={
                <>
                  <th>Round</th>
                  <th className={right}>Accuracy</th>
                  <th className={right}>Loss</th>
                  <th className={wideRight}>Time</th>
                  <th className={right}>Delivered by</th>
                </>
              }
            >
              {run.untrained && (
                <tr>
                  <td style={{ color: 'var(--text-3)' }}>untrained</td>
                  <td className={right}>
                    <Measured value={run.untrained.accuracy} />
                  </td>
                  <td className={right}>
                    <Measured value={run.untrained.loss} />
                  </td>
                  <td className={wideRight}>
                    <Dash />
                  </td>
                  <td className={right}>
                    <Dash />
                  </td>
                </tr>
              )}
              {run.rounds_detail.map((round) => (
                <tr key={round.round} data-round={round.round}>
                  <td className="num">
                    {round.round} <span style={{ color: 'var(--text-3)' }}>of {run.rounds}</span>
                  </td>
                  <td className={right}>
                    <Measured value={round.accuracy} />
                  </td>
                  <td className={right}>
                    <Measured value={round.loss} />
                  </td>
                  <td className={wideRight}>
                    <Measured value={round.seconds} digits={1} unit="s" />
                  </td>
                  <td className={right}>
                    {round.providers.filter((provider) => provider.ok === true).length} of {round.providers.length}
                  </td>
                </tr>
              ))}
              {training === 'active' &&
                Array.from({ length: Math.max(0, run.rounds - run.rounds_completed) }, (_, index) => (
                  <tr key={`waiting-${String(index)}`} style={{ color: 'var(--text-3)' }}>
                    <td className="num">
                      {run.rounds_completed + index + 1} of {run.rounds}
                    </td>
                    <td colSpan={4} className={index === 0 ? 'pulse' : ''}>
                      {index === 0 ? (run.state === 'running' ? 'training …' : 'starting Flower …') : ''}
                    </td>
                  </tr>
                ))}
            </Table>
          </div>
        </>
      )}
    </Panel>
  );
}

const SAMPLED = ' Contributions are sampled: there are too many providers to count them exactly.';

function Providers({ contract, run }: { contract: Contract; run: Run | undefined }) {
  const sampled = run?.rounds_detail.some(({ contribution_method }) => contribution_method === 'gtg_shapley');
  const ended = deliveredBy(contract);
  const training = trainingOf(contract) === 'active';
  return (
    <Panel title="Providers" hint={`What each delivered, contributed and was paid.${sampled ? SAMPLED : ''}`} flush>
      <Table
        label="Providers"
        head={
          <>
            <th>Seller</th>
            <th className={wideRight}>Price per round</th>
            <th className={right}>Delivered</th>
            <th className={wideRight} title="Shapley value: what of the model's gain is this provider's">
              Contribution
            </th>
            <th className={wideRight} title="What the model lost each round without this provider's update, summed">
              Missed
            </th>
            <th className={right}>Payout</th>
          </>
        }
      >
        {contract.selected_offers.map((offer) => {
          const delivery = run?.providers.find(({ offer_id }) => offer_id === offer.offer_id);
          const payout = contract.payouts.find(({ offer_id }) => offer_id === offer.offer_id);
          const now = training ? (delivery?.rounds_delivered ?? 0) : 0;
          return (
            <tr key={offer.offer_id}>
              <td>
                <Link to={`/offers/${offer.offer_id}`} className="link">
                  {offer.seller_node_id}
                </Link>
                <div style={{ color: 'var(--text-3)', fontSize: 12 }}>
                  {offer.sample_count.toLocaleString('en')} samples, version {offer.offer_version}
                  {offer.retired && ', replaced'}
                </div>
              </td>
              <td className={wideRight}>
                <Money credits={offer.price_per_round} />
              </td>
              <td className={right}>
                {delivery || ended.has(offer.offer_id) ? (
                  `${(ended.get(offer.offer_id) ?? 0) + now} of ${offer.rounds ?? contract.rounds}`
                ) : (
                  <Dash />
                )}
              </td>
              <td className={wideRight}>
                <Measured value={delivery?.contribution} />
              </td>
              <td className={wideRight}>
                <Measured value={delivery?.leave_one_out} />
              </td>
              <td className={right}>{payout ? <Money credits={payout.amount} /> : <Dash />}</td>
            </tr>
          );
        })}
      </Table>
    </Panel>
  );
}

function Scores({ contract }: { contract: Contract }) {
  const { offers_evaluated: evaluated, compatible_offers: fit } = contract.selection_diagnostics;
  return (
    <Panel
      title="Why these offers"
      hint={`The best affordable set of ${fit} that fit, out of ${evaluated} in the book.`}
    >
      {contract.selected_offers.map((offer) => (
        <div key={offer.offer_id} style={{ marginBottom: 14 }}>
          <div style={{ display: 'flex', justifyContent: 'space-between', fontSize: 13, marginBottom: 6 }}>
            <span style={{ fontWeight: 560 }}>{offer.seller_node_id}</span>
            <span className="num">{offer.score.toFixed(3)}</span>
          </div>
          <ScoreBars score={offer.score_breakdown} />
        </div>
      ))}
      <RefusedBefore diagnostics={contract.selection_diagnostics} />
    </Panel>
  );
}
