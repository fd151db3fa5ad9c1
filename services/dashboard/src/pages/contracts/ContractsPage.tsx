import { Button, SegmentedControl } from '@mantine/core';
import { IconFileOff } from '@tabler/icons-react';
import { Link, useSearchParams } from 'react-router';
import { type ContractFilters, useContracts } from '~/api/queries';
import { trainingOf } from '~/domain/guardrails';
import { ESCROW } from '~/domain/states';
import { Badge, Dash, Money, SandboxTag, Status, shortId, Time } from '~/ui/basics';
import { PageHead, Panel, right, Table, wide, wideRight } from '~/ui/layout';
import { Empty, ErrorNote, Loading, Stale } from '~/ui/states';

const TRAINING = {
  none: <Dash />,
  active: <Badge tone="live">Training</Badge>,
  completed: <Badge tone="good">Completed</Badge>,
  failed: <Badge tone="bad">Failed</Badge>,
} as const;

export default function ContractsPage() {
  const [params, setParams] = useSearchParams();
  const status = params.get('status') ?? '';
  const query = useContracts(status === '' ? {} : { escrow_status: status as ContractFilters['escrow_status'] });
  const contracts = query.data?.pages.flatMap((page) => page.contracts) ?? [];
  return (
    <>
      <PageHead
        title="Contracts"
        hint="A matched, funded contract is the right to train: no funds, no round; no delivery, no pay."
      />
      <div style={{ marginBottom: 12, overflowX: 'auto' }}>
        <SegmentedControl
          aria-label="Escrow"
          value={status}
          onChange={(value) => setParams(value === '' ? {} : { status: value }, { replace: true })}
          data={[
            { value: '', label: 'All' },
            ...Object.entries(ESCROW).map(([value, { label }]) => ({ value, label })),
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
        ) : contracts.length === 0 ? (
          <Empty
            icon={<IconFileOff size={20} />}
            title={status === '' ? 'No contract yet' : 'No contract in this state'}
            action={
              status === '' ? (
                <Button component={Link} to="/intents">
                  To the intents
                </Button>
              ) : (
                <Button variant="default" onClick={() => setParams({}, { replace: true })}>
                  Show all
                </Button>
              )
            }
          >
            A contract comes from an intent: open one, and match it.
          </Empty>
        ) : (
          <>
            {query.error && <Stale error={query.error} />}
            <Table
              label="Contracts"
              head={
                <>
                  <th>Contract</th>
                  <th className={wide}>Task</th>
                  <th className={wideRight}>Providers</th>
                  <th className={wideRight}>Rounds</th>
                  <th className={right}>Escrow</th>
                  <th className={wide}>Training</th>
                  <th>Money</th>
                </>
              }
            >
              {contracts.map((contract) => (
                <tr key={contract.contract_id}>
                  <td>
                    <Link to={`/contracts/${contract.contract_id}`} className="link" style={{ fontWeight: 550 }}>
                      {shortId(contract.contract_id)}
                    </Link>{' '}
                    {contract.sandbox && <SandboxTag />}
                    <div style={{ color: 'var(--text-3)', fontSize: 12 }}>
                      {contract.model_owner_id} · <Time ts={contract.created_at} />
                    </div>
                  </td>
                  <td className={wide}>{contract.task_type}</td>
                  <td className={wideRight}>{contract.offer_count}</td>
                  <td className={wideRight}>{contract.rounds}</td>
                  <td className={right}>
                    <Money credits={contract.escrow_total} />
                  </td>
                  <td className={wide}>{TRAINING[trainingOf(contract)]}</td>
                  <td>
                    <Status map={ESCROW} state={contract.escrow_status} />
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
