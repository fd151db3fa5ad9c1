import { Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { api, unwrap } from '~/api/client';
import { Problem } from '~/api/problem';
import { type Diagnostics, type Intent, useAccount, useContracts, useIntent } from '~/api/queries';
import { useSession } from '~/app/session';
import { intentGates } from '~/domain/guardrails';
import { settlementSentence } from '~/domain/settlement';
import { ESCROW, INTENT } from '~/domain/states';
import { GateButton, useConfirm } from '~/ui/actions';
import { Id, Money, Status, shortId, Tag, Time } from '~/ui/basics';
import { Facts, PageHead, Panel } from '~/ui/layout';
import { NeedsRole } from '~/ui/NeedsRole';
import { Answer, ErrorNote, Note } from '~/ui/states';
import { InsufficientFunds } from './InsufficientFunds';
import css from './intents.module.css';
import { NoMatch } from './PreviewPanel';
import { SweepPanel } from './SweepPanel';
import { LivePreview, type WhatIf, WhatIfSliders } from './WhatIf';

const CRUMBS = [{ to: '/intents', label: 'Intents' }];

export default function IntentPage() {
  const { intentId = '' } = useParams();
  const intent = useIntent(intentId);
  return <Answer query={intent}>{(data) => <IntentView key={data.round_intent_id} intent={data} />}</Answer>;
}

function IntentView({ intent }: { intent: Intent }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { who } = useSession();
  const { ask, dialog } = useConfirm();
  const gates = intentGates(intent, who.role);
  const [whatIf, setWhatIf] = useState<WhatIf>({
    budget_total: intent.budget_total,
    min_quality_score: intent.min_quality_score,
  });
  const [matching, setMatching] = useState(false);
  const [refusal, setRefusal] = useState<Problem | null>(null);
  const changed = whatIf.budget_total !== intent.budget_total || whatIf.min_quality_score !== intent.min_quality_score;

  const patch = async (body: Partial<WhatIf> & { status?: 'cancelled' | 'closed' }) => {
    await unwrap(
      api.PATCH('/marketplace/round_intents/{round_intent_id}', {
        params: { path: { round_intent_id: intent.round_intent_id } },
        body,
      }),
    );
    await client.invalidateQueries({ queryKey: ['intents'] });
  };

  const match = async () => {
    setMatching(true);
    setRefusal(null);
    try {
      if (changed) await patch(whatIf);
      const contract = await unwrap(
        api.POST('/marketplace/match', { body: { round_intent_id: intent.round_intent_id, max_offers: 3 } }),
      );
      await Promise.all(
        ['contracts', 'intents', 'accounts'].map((key) => client.invalidateQueries({ queryKey: [key] })),
      );
      notifications.show({ message: 'Matched: the price is locked in escrow.', color: 'teal' });
      void navigate(`/contracts/${contract.contract_id}`);
    } catch (error) {
      setRefusal(Problem.from(error));
    } finally {
      setMatching(false);
    }
  };

  const apply = (changes: Readonly<Record<string, unknown>>) => {
    setRefusal(null);
    const simple = Object.keys(changes).every((name) => name in whatIf);
    if (simple) setWhatIf((before) => ({ ...before, ...(changes as Partial<WhatIf>) }));
    else
      void navigate(
        `/intents/new?from=${intent.round_intent_id}&changes=${encodeURIComponent(JSON.stringify(changes))}`,
      );
  };

  return (
    <>
      <PageHead
        title={`${intent.task_type} for ${intent.model_owner_id}`}
        crumbs={CRUMBS}
        hint={
          <span style={{ display: 'inline-flex', gap: 8, alignItems: 'center', flexWrap: 'wrap' }}>
            <Status map={INTENT} state={intent.status} />
            <Id id={intent.round_intent_id} what="intent id" />
            <span>
              opened <Time ts={intent.created_at} />
            </span>
          </span>
        }
        actions={
          <>
            <GateButton
              gate={gates.cancel}
              variant="default"
              onClick={() =>
                ask({
                  title: 'Cancel this intent?',
                  text: 'It is not matched any more, and cannot be opened again. You can make a new one from it.',
                  confirm: 'Cancel the intent',
                  danger: true,
                  act: () => patch({ status: 'cancelled' }),
                })
              }
            >
              Cancel
            </GateButton>
            <GateButton
              gate={gates.close}
              variant="default"
              onClick={() =>
                ask({
                  title: 'Close this intent?',
                  text: 'You are done with it. Its contract is not touched.',
                  confirm: 'Close the intent',
                  act: () => patch({ status: 'closed' }),
                })
              }
            >
              Close
            </GateButton>
            <GateButton gate={gates.match} loading={matching} onClick={() => void match()}>
              {changed ? 'Save and match' : 'Match'}
            </GateButton>
          </>
        }
      />
      {dialog}
      {intent.status === 'open' && <NeedsRole needs="model_owner" />}
      {refusal !== null && <MatchRefused refusal={refusal} intent={intent} apply={apply} />}
      <div className={css.split}>
        <div style={{ display: 'grid', gap: 20 }}>
          <Contracts intent={intent} />
          <Panel title="Terms">
            <Facts
              rows={[
                [
                  'Budget',
                  intent.budget_total === 0 ? 'no limit' : <Money key="budget" credits={intent.budget_total} />,
                ],
                [
                  'Rounds',
                  <span key="rounds" className="num">
                    {intent.rounds}
                  </span>,
                ],
                [
                  'Least quality',
                  <span key="quality" className="num">
                    {intent.min_quality_score.toFixed(2)}
                  </span>,
                ],
                [
                  'Modalities',
                  intent.required_modalities.length === 0
                    ? 'any'
                    : intent.required_modalities.map((name) => <Tag key={name}>{name}</Tag>),
                ],
                ['Deadline', <Time key="deadline" ts={intent.deadline_ts} />],
                ['Settlement', settlementSentence(intent)],
                ['Least providers', intent.min_providers],
                intent.min_sample_count > 0 ? ['Least samples', intent.min_sample_count.toLocaleString('en')] : null,
                intent.attestation_required ? ['Attestation', 'required'] : null,
                intent.pricing === 'truthful' ? ['Pricing', 'truthful auction within the budget'] : null,
                intent.one_offer_per_seller ? ['Sellers', 'one offer each'] : null,
                intent.preferred_sellers.length > 0 ? ['Preferred', intent.preferred_sellers.join(', ')] : null,
                intent.excluded_sellers.length > 0 ? ['Excluded', intent.excluded_sellers.join(', ')] : null,
              ]}
            />
          </Panel>
          {intent.status === 'open' && gates.edit.allowed && (
            <Panel
              title="What if?"
              hint="Move a value and look at the preview. The intent changes only when you save."
              actions={
                <Group gap="xs">
                  {changed && (
                    <GateButton
                      gate={{ allowed: true }}
                      size="xs"
                      variant="subtle"
                      onClick={() =>
                        setWhatIf({ budget_total: intent.budget_total, min_quality_score: intent.min_quality_score })
                      }
                    >
                      Reset
                    </GateButton>
                  )}
                  <GateButton
                    gate={changed ? gates.edit : { allowed: false, reason: 'Nothing is changed.' }}
                    size="xs"
                    variant="default"
                    onClick={() =>
                      void patch(whatIf)
                        .then(() => notifications.show({ message: 'The intent is changed.', color: 'teal' }))
                        .catch((error: unknown) => setRefusal(Problem.from(error)))
                    }
                  >
                    Save
                  </GateButton>
                </Group>
              }
            >
              <WhatIfSliders intent={intent} value={whatIf} change={setWhatIf} />
            </Panel>
          )}
        </div>
        <div className={css.sticky}>
          <LivePreview intent={intent} whatIf={whatIf} changed={changed} apply={apply} />
          <div style={{ marginTop: 20 }}>
            <SweepPanel intent={intent} whatIf={whatIf} />
          </div>
        </div>
      </div>
    </>
  );
}

function MatchRefused({
  refusal,
  intent,
  apply,
}: {
  refusal: Problem;
  intent: Intent;
  apply: (changes: Readonly<Record<string, unknown>>) => void;
}) {
  return (
    <div style={{ marginBottom: 20 }} data-testid="refused">
      {refusal.code === 'insufficient_funds' ? (
        <InsufficientFunds refusal={refusal} participant={intent.model_owner_id} />
      ) : (
        <ErrorNote error={refusal}>
          {refusal.code === 'no_compatible_offers_found' && (
            <NoMatch
              diagnostics={refusal.details as unknown as Diagnostics}
              policy={{ ...intent }}
              apply={apply}
              applyLabel="Try"
            />
          )}
        </ErrorNote>
      )}
    </div>
  );
}

function Contracts({ intent }: { intent: Intent }) {
  const contracts = useContracts({ round_intent_id: intent.round_intent_id });
  const account = useAccount(intent.model_owner_id).data?.[0];
  const rows = contracts.data?.pages[0]?.contracts ?? [];
  if (rows.length === 0) {
    return account && intent.status === 'open' ? (
      <Note tone="neutral">
        {intent.model_owner_id} has <Money credits={account.available} /> available.
      </Note>
    ) : null;
  }
  return (
    <Panel title="Contract">
      {rows.map((contract) => (
        <Group key={contract.contract_id} justify="space-between" mb={4}>
          <Link to={`/contracts/${contract.contract_id}`} className="link">
            {shortId(contract.contract_id)}
          </Link>
          <Group gap="sm">
            <Money credits={contract.escrow_total} />
            <Status map={ESCROW} state={contract.escrow_status} />
          </Group>
        </Group>
      ))}
    </Panel>
  );
}
