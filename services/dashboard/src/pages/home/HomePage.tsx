import { Group } from '@mantine/core';
import { Link } from 'react-router';
import { useNewestContracts, useNodes, useSummary } from '~/api/queries';
import { ESCROW } from '~/domain/states';
import { duration } from '~/domain/time';
import { counted } from '~/domain/words';
import { Dash, Money, Status, shortId, Tag, Time } from '~/ui/basics';
import { PageHead, Panel, Stat, Stats } from '~/ui/layout';
import { Answer, Empty } from '~/ui/states';
import { Checklist } from './Checklist';
import css from './home.module.css';

export default function HomePage() {
  return (
    <>
      <PageHead
        title="Home"
        hint="A marketplace for federated learning: buy training rounds on data that never leaves its owner."
      />
      <Market />
      <div className={css.grid} style={{ marginTop: 20 }}>
        <Checklist />
        <div className={css.side}>
          <Contracts />
          <Nodes />
        </div>
      </div>
    </>
  );
}

function Market() {
  const summary = useSummary();
  const market = summary.data?.marketplace;
  const learning = summary.data?.federated_learning;
  const wait = market?.match_latency_seconds.p95;
  return (
    <Stats>
      <Stat
        label="Active offers"
        value={market?.offers_active ?? <Dash />}
        hint={market ? `${market.offers_total} in the book` : 'marketplace'}
      />
      <Stat label="Open intents" value={market?.open_intents ?? <Dash />} hint="waiting for a match" />
      <Stat
        label="In escrow"
        value={market ? <Money credits={market.locked_escrow_total} /> : <Dash />}
        hint={market ? `${counted(market.contracts_by_status.locked ?? 0, 'contract')} locked` : 'escrow'}
      />
      <Stat
        label="Paid out"
        value={market ? <Money credits={market.released_payout_total} /> : <Dash />}
        hint={market ? `${counted(market.contracts_by_status.released ?? 0, 'contract')} released` : 'escrow'}
      />
      <Stat
        label="Nodes online"
        value={learning ? `${learning.nodes_online} / ${learning.nodes_registered}` : <Dash />}
        hint={wait === null || wait === undefined ? 'no match measured yet' : `match p95 ${duration(wait)}`}
      />
    </Stats>
  );
}

function Contracts() {
  const contracts = useNewestContracts();
  return (
    <Panel
      title="Latest contracts"
      flush
      actions={
        <Link to="/contracts" className="link" style={{ fontSize: 13 }}>
          All
        </Link>
      }
    >
      <Answer query={contracts}>
        {({ contracts: rows }) =>
          rows.length === 0 ? (
            <Empty title="No contract yet">The first one is four clicks away: follow the steps.</Empty>
          ) : (
            rows.slice(0, 5).map((row) => (
              <Link key={row.contract_id} to={`/contracts/${row.contract_id}`} className={css.row}>
                <span style={{ minWidth: 0 }}>
                  <span style={{ display: 'block', fontWeight: 550 }}>{shortId(row.contract_id)}</span>
                  <span style={{ color: 'var(--text-3)' }}>
                    <Money credits={row.escrow_total} /> · <Time ts={row.created_at} />
                  </span>
                </span>
                <Status map={ESCROW} state={row.escrow_status} />
              </Link>
            ))
          )
        }
      </Answer>
    </Panel>
  );
}

function Nodes() {
  const nodes = useNodes();
  return (
    <Panel title="Provider nodes" hint="Each trains beside its own data." flush>
      <Answer query={nodes}>
        {({ nodes: rows }) =>
          rows.length === 0 ? (
            <Empty title="No node is connected">A provider joins with its node; the demo starts three of them.</Empty>
          ) : (
            rows.map((node) => (
              <div key={node.node_id} className={css.row}>
                <Group gap={8}>
                  <span style={{ fontWeight: 550 }}>{node.name}</span>
                  {node.sandbox && <Tag>sandbox</Tag>}
                </Group>
                <span style={{ color: node.online ? 'var(--text-2)' : 'var(--bad)' }} className="num">
                  {node.online ? `${node.sample_count.toLocaleString('en')} samples` : 'offline'}
                </span>
              </div>
            ))
          )
        }
      </Answer>
    </Panel>
  );
}
