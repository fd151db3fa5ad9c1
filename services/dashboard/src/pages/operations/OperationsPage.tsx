import { Anchor } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { Link } from 'react-router';
import type { Schemas } from '~/api/client';
import { useContracts, useHealth, useNodes, useSummary } from '~/api/queries';
import { words } from '~/domain/states';
import { duration } from '~/domain/time';
import { counted } from '~/domain/words';
import { Badge, Dash, Id, Money, shortId, Tag, Time } from '~/ui/basics';
import { PageHead, Panel, right, Stat, Stats, Table, wide, wideRight } from '~/ui/layout';
import { Answer, Empty, Note } from '~/ui/states';
import css from './operations.module.css';
import { UnmetDemand } from './UnmetDemand';

export default function OperationsPage() {
  const health = useHealth();
  return (
    <>
      <PageHead
        title="Operations"
        hint="How the exchange is, what waits, and what it has done."
        actions={
          health.data?.links.grafana ? (
            <Anchor href={health.data.links.grafana} target="_blank" rel="noreferrer" size="sm">
              Grafana <IconExternalLink size={14} aria-hidden />
            </Anchor>
          ) : undefined
        }
      />
      <Numbers />
      <div className={css.grid}>
        <Health />
        <Pending />
        <Nodes />
        <Processing />
        <UnmetDemand />
      </div>
    </>
  );
}

function Numbers() {
  const summary = useSummary();
  const { marketplace: market, federated_learning: learning, governance } = summary.data ?? {};
  const gone = Object.entries(summary.data?.unavailable ?? {});
  const balanced = governance?.ledger_imbalance === 0;
  return (
    <>
      {gone.length > 0 && (
        <div style={{ marginBottom: 16 }}>
          <Note tone="warn" title="Some numbers are missing">
            {gone.map(([name, why]) => `${name}: ${why}`).join('; ')}
          </Note>
        </div>
      )}
      <Stats>
        <Stat
          label="In escrow"
          value={market ? <Money credits={market.locked_escrow_total} /> : <Dash />}
          hint={governance ? counted(governance.open_holds, 'open hold') : 'escrow'}
        />
        <Stat
          label="Paid out"
          value={market ? <Money credits={market.released_payout_total} /> : <Dash />}
          hint="to providers, ever"
        />
        <Stat
          label="Refunded"
          value={market ? <Money credits={market.refunded_total} /> : <Dash />}
          hint="to model owners, ever"
        />
        <Stat
          label="Ledger"
          value={governance ? balanced ? 'Balanced' : <Money credits={governance.ledger_imbalance} /> : <Dash />}
          hint={balanced ? 'all balances sum to 0' : 'must be 0'}
        />
        <Stat
          label="Match latency"
          value={
            market?.match_latency_seconds.p95 == null ? (
              <Dash />
            ) : (
              `${(market.match_latency_seconds.p95 * 1000).toFixed(0)} ms`
            )
          }
          hint={
            market?.match_latency_seconds.p50 == null
              ? 'no match measured'
              : `p95; p50 ${(market.match_latency_seconds.p50 * 1000).toFixed(0)} ms`
          }
        />
        <Stat
          label="Round time"
          value={learning?.round_seconds.p50 == null ? <Dash /> : duration(learning.round_seconds.p50)}
          hint={`p50; ${learning?.rounds_total ?? '–'} rounds in all`}
        />
      </Stats>
    </>
  );
}

function Health() {
  const health = useHealth();
  return (
    <Panel
      title="Services"
      hint={
        health.data && (
          <>
            As of <Time ts={health.data.as_of} />
          </>
        )
      }
      flush
      actions={
        health.data && (
          <Badge tone={health.data.status === 'ok' ? 'good' : 'bad'}>
            {health.data.status === 'ok' ? 'All up' : 'Not all up'}
          </Badge>
        )
      }
    >
      <Answer query={health}>
        {({ services }) =>
          services.map((service) => (
            <div key={service.name} className={css.service} data-service={service.name} data-status={service.status}>
              <span style={{ fontWeight: 560 }}>{words(service.name)}</span>
              <span className="num" style={{ color: 'var(--text-3)' }}>
                {service.latency_ms.toFixed(0)} ms
              </span>
              <Badge tone={service.status === 'ok' ? 'good' : 'bad'}>{service.status === 'ok' ? 'Up' : 'Down'}</Badge>
              <span className={css.checks}>
                {service.reason !== null && <span style={{ color: 'var(--bad)' }}>{service.reason}</span>}
                {Object.entries(service.checks ?? {}).map(([name, check]) => (
                  <span key={name} style={check.ok ? undefined : { color: 'var(--bad)' }} className="num">
                    {name}{' '}
                    {check.ok
                      ? `${check.latency_ms.toFixed(1)} ms`
                      : `failed${check.detail ? `: ${check.detail}` : ''}`}
                  </span>
                ))}
              </span>
            </div>
          ))
        }
      </Answer>
    </Panel>
  );
}

function Pending() {
  const contracts = useContracts({ escrow_status: 'locked' });
  const rows = contracts.data?.pages[0]?.contracts ?? [];
  return (
    <Panel
      title="Contracts with money in escrow"
      hint="Oldest last. A hold that nobody resolves is refunded at its expiry."
      flush
    >
      <Answer query={contracts}>
        {() =>
          rows.length === 0 ? (
            <Empty title="Nothing is locked">Every contract is settled.</Empty>
          ) : (
            <Table
              label="Contracts with money in escrow"
              head={
                <>
                  <th>Contract</th>
                  <th>Made</th>
                  <th className={right}>Escrow</th>
                </>
              }
            >
              {rows.slice(0, 12).map((contract) => (
                <tr key={contract.contract_id}>
                  <td>
                    <Link to={`/contracts/${contract.contract_id}`} className="link">
                      {shortId(contract.contract_id)}
                    </Link>
                  </td>
                  <td>
                    <Time ts={contract.created_at} />
                  </td>
                  <td className={right}>
                    <Money credits={contract.escrow_total} />
                  </td>
                </tr>
              ))}
            </Table>
          )
        }
      </Answer>
    </Panel>
  );
}

function Nodes() {
  const nodes = useNodes();
  return (
    <Panel title="Provider nodes" hint="What each measured of its data." flush>
      <Answer query={nodes}>
        {({ nodes: rows }) =>
          rows.length === 0 ? (
            <Empty title="No node is registered">A provider joins with its node.</Empty>
          ) : (
            <Table
              label="Provider nodes"
              head={
                <>
                  <th>Node</th>
                  <th className={wide}>Fingerprint</th>
                  <th className={right}>Samples</th>
                  <th>State</th>
                </>
              }
            >
              {rows.map((node) => (
                <tr key={node.node_id}>
                  <td>
                    {node.name} {node.sandbox && <Tag>sandbox</Tag>}
                  </td>
                  <td className={wide}>
                    <Id id={node.dataset_fingerprint} what="fingerprint" />
                  </td>
                  <td className={right}>{node.sample_count.toLocaleString('en')}</td>
                  <td>
                    <Badge tone={node.online ? 'good' : 'bad'}>{node.online ? 'Online' : 'Offline'}</Badge>
                  </td>
                </tr>
              ))}
            </Table>
          )
        }
      </Answer>
    </Panel>
  );
}

function Processing() {
  const summary = useSummary();
  return (
    <Panel title="Facts in and out" hint="Of each service since it started." flush>
      <Answer query={summary}>
        {({ operations }) => (
          <Table
            label="Facts in and out"
            head={
              <>
                <th>Service</th>
                <th className={right}>Requests</th>
                <th className={wideRight}>Said</th>
                <th className={wideRight}>Heard</th>
                <th className={right}>Lag</th>
                <th className={right}>Dead letters</th>
              </>
            }
          >
            {Object.entries(operations).map(([name, numbers]) => (
              <ServiceNumbers key={name} name={name} numbers={numbers} />
            ))}
          </Table>
        )}
      </Answer>
    </Panel>
  );
}

function ServiceNumbers({ name, numbers }: { name: string; numbers: Schemas['OperationNumbers'] | null }) {
  const whole = (value: number | null | undefined) =>
    value == null ? <Dash /> : Math.round(value).toLocaleString('en');
  const heard = numbers && Object.values(numbers.events_handled_by_result).reduce((all, count) => all + count, 0);
  return (
    <tr>
      <td>{words(name)}</td>
      <td className={right}>{whole(numbers?.http_requests_total)}</td>
      <td className={wideRight}>{whole(numbers?.events_published_total)}</td>
      <td className={wideRight}>{whole(heard)}</td>
      <td className={right}>{whole(numbers?.consumer_lag)}</td>
      <td className={right}>
        {numbers?.dead_letters ? (
          <Link to="/dead-letters" className="link">
            {whole(numbers.dead_letters)}
          </Link>
        ) : (
          whole(numbers?.dead_letters)
        )}
      </td>
    </tr>
  );
}
