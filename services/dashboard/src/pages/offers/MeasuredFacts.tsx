import { IconCheck, IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Schemas } from '~/api/client';
import { Badge, Id, Measured, Tag } from '~/ui/basics';
import { Panel } from '~/ui/layout';
import { Empty } from '~/ui/states';
import ui from '~/ui/ui.module.css';

interface Declared {
  dataset_fingerprint: string;
  sample_count: number;
  modality: string;
}

/** What the seller's node measured of its data, against what the offer says. */
export function MeasuredFacts({ node, declared }: { node: Schemas['NodeOut'] | undefined; declared: Declared }) {
  if (node === undefined) {
    return (
      <Panel title="Measured by the node">
        <Empty title="No node of this seller is registered">
          Nothing measured stands behind this offer yet. In a sandbox, a demo node trains in its place and the contract
          says so.
        </Empty>
      </Panel>
    );
  }
  const most = Math.max(1, ...Object.values(node.label_histogram));
  return (
    <Panel
      title="Measured by the node"
      hint={`${node.name} computes these beside the data and again when it trains.`}
      actions={<Badge tone={node.online ? 'good' : 'bad'}>{node.online ? 'Online' : 'Offline'}</Badge>}
    >
      <table className={ui.table} style={{ margin: '-6px 0 10px' }}>
        <tbody>
          <Row
            name="Fingerprint"
            value={<Id id={node.dataset_fingerprint} what="measured fingerprint" />}
            same={node.dataset_fingerprint === declared.dataset_fingerprint}
          />
          <Row
            name="Samples"
            value={<span className="num">{node.sample_count.toLocaleString('en')}</span>}
            same={node.sample_count === declared.sample_count}
          />
          <Row name="Modality" value={node.modality} same={node.modality === declared.modality} />
        </tbody>
      </table>
      <div style={{ color: 'var(--text-3)', fontSize: 12, marginBottom: 10 }}>
        Held-out score <Measured value={node.holdout_score} />, {node.missing_values ?? '–'} missing values,{' '}
        {node.duplicates ?? '–'} duplicates
      </div>
      <div style={{ color: 'var(--text-3)', fontSize: 12, marginBottom: 6 }}>
        Labels {node.sandbox && <Tag title="Data that ships with the demo.">sandbox data</Tag>}
      </div>
      <div
        style={{ display: 'flex', alignItems: 'flex-end', gap: 4, height: 64 }}
        role="img"
        aria-label={Object.entries(node.label_histogram)
          .map(([label, count]) => `${label}: ${count}`)
          .join(', ')}
      >
        {Object.entries(node.label_histogram).map(([label, count]) => (
          <div key={label} style={{ flex: 1, textAlign: 'center' }} title={`${label}: ${count} samples`}>
            <div
              style={{ height: Math.max(2, (count / most) * 44), borderRadius: 3, background: 'var(--bar-quality)' }}
            />
            <div style={{ fontSize: 11, color: 'var(--text-3)' }}>{label}</div>
          </div>
        ))}
      </div>
    </Panel>
  );
}

function Row({ name, value, same }: { name: string; value: ReactNode; same: boolean }) {
  return (
    <tr>
      <td style={{ paddingLeft: 0, color: 'var(--text-3)' }}>{name}</td>
      <td>{value}</td>
      <td
        style={{
          paddingRight: 0,
          textAlign: 'right',
          whiteSpace: 'nowrap',
          color: same ? 'var(--good)' : 'var(--bad)',
        }}
      >
        {same ? <IconCheck size={15} aria-hidden /> : <IconX size={15} aria-hidden />}{' '}
        {same ? 'as declared' : 'differs'}
      </td>
    </tr>
  );
}
