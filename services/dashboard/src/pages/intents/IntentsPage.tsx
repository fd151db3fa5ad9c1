import { Button, SegmentedControl } from '@mantine/core';
import { IconPlus, IconTargetOff } from '@tabler/icons-react';
import { Link, useSearchParams } from 'react-router';
import type { Schemas } from '~/api/client';
import { useIntents } from '~/api/queries';
import { useSession } from '~/app/session';
import { onlyFor } from '~/domain/guardrails';
import { INTENT } from '~/domain/states';
import { Money, Status, shortId, Time } from '~/ui/basics';
import { PageHead, Panel, right, Table, wide, wideRight } from '~/ui/layout';
import { Empty, ErrorNote, Loading, Stale } from '~/ui/states';

export default function IntentsPage() {
  const [params, setParams] = useSearchParams();
  const status = params.get('status') ?? '';
  const query = useIntents((status || undefined) as Schemas['IntentStatus'] | undefined);
  const { who } = useSession();
  const intents = query.data?.pages.flatMap((page) => page.round_intents) ?? [];
  return (
    <>
      <PageHead
        title="Intents"
        hint="What model owners want to buy: a task, a budget, a number of rounds."
        actions={
          onlyFor(who.role, 'model_owner').allowed && (
            <Button component={Link} to="/intents/new" leftSection={<IconPlus size={16} />}>
              New intent
            </Button>
          )
        }
      />
      <div style={{ marginBottom: 12, overflowX: 'auto' }}>
        <SegmentedControl
          aria-label="Status"
          value={status}
          onChange={(value) => setParams(value === '' ? {} : { status: value }, { replace: true })}
          data={[
            { value: '', label: 'All' },
            ...Object.entries(INTENT).map(([value, { label }]) => ({ value, label })),
          ]}
        />
      </div>
      <Panel flush>
        {query.data === undefined ? (
          <div style={{ padding: 18 }}>
            {query.error ? (
              <ErrorNote error={query.error} retry={() => query.refetch()} />
            ) : (
              <Loading rows={6} height={24} />
            )}
          </div>
        ) : intents.length === 0 ? (
          <Empty
            icon={<IconTargetOff size={20} />}
            title={status === '' ? 'Nobody wants to buy yet' : `No intent is ${status}`}
            action={
              status === '' ? (
                <Button component={Link} to="/intents/new?example=1">
                  Open an intent
                </Button>
              ) : (
                <Button variant="default" onClick={() => setParams({}, { replace: true })}>
                  Show all
                </Button>
              )
            }
          >
            A model owner says what to train and what it may cost; the exchange finds the best set of offers.
          </Empty>
        ) : (
          <>
            {query.error && <Stale error={query.error} />}
            <Table
              label="Intents"
              head={
                <>
                  <th>Intent</th>
                  <th className={wide}>Task</th>
                  <th className={right}>Budget</th>
                  <th className={wideRight}>Rounds</th>
                  <th className={wideRight}>Least quality</th>
                  <th className={wide}>Deadline</th>
                  <th>Status</th>
                </>
              }
            >
              {intents.map((intent) => (
                <tr key={intent.round_intent_id}>
                  <td>
                    <Link to={`/intents/${intent.round_intent_id}`} className="link" style={{ fontWeight: 550 }}>
                      {shortId(intent.round_intent_id)}
                    </Link>
                    <div style={{ color: 'var(--text-3)', fontSize: 12 }}>
                      {intent.model_owner_id} · <Time ts={intent.created_at} />
                    </div>
                  </td>
                  <td className={wide}>{intent.task_type}</td>
                  <td className={right}>
                    {intent.budget_total === 0 ? 'no limit' : <Money credits={intent.budget_total} />}
                  </td>
                  <td className={wideRight}>{intent.rounds}</td>
                  <td className={wideRight}>{intent.min_quality_score.toFixed(2)}</td>
                  <td className={wide}>
                    <Time ts={intent.deadline_ts} />
                  </td>
                  <td>
                    <Status map={INTENT} state={intent.status} />
                  </td>
                </tr>
              ))}
            </Table>
            {query.hasNextPage && (
              <div style={{ padding: 14 }}>
                <Button
                  variant="default"
                  size="xs"
                  loading={query.isFetchingNextPage}
                  onClick={() => query.fetchNextPage()}
                >
                  Load more
                </Button>
              </div>
            )}
          </>
        )}
      </Panel>
    </>
  );
}
