import type { Run } from '~/api/queries';
import { useErrorEntry } from '~/api/queries';
import { words } from '~/domain/states';
import { Panel, Table } from '~/ui/layout';

type Refusal = Run['providers'][number]['refusals'][number];

/** Which rounds providers did not deliver, and why: in one line for rounds that came to the same. */
export function Refusals({ run }: { run: Run | undefined }) {
  const rows = (run?.providers ?? []).flatMap(({ seller_node_id, offer_id, refusals }) =>
    [...new Set(refusals.map(({ error_code }) => error_code))].map((code) => ({
      key: `${offer_id} ${code}`,
      seller: seller_node_id,
      code,
      same: refusals.filter(({ error_code }) => error_code === code),
    })),
  );
  if (rows.length === 0) return null;
  return (
    <Panel title="Not delivered" hint="A round that a provider refused or missed is not paid." flush>
      <Table
        label="Not delivered"
        head={
          <>
            <th>Seller</th>
            <th>Rounds</th>
            <th>Why</th>
          </>
        }
      >
        {rows.map(({ key, ...row }) => (
          <Row key={key} {...row} />
        ))}
      </Table>
    </Panel>
  );
}

function Row({ seller, code, same }: { seller: string; code: string; same: Refusal[] }) {
  const entry = useErrorEntry(code, true);
  const reason = same.at(-1)?.error ?? '';
  return (
    <tr>
      <td>{seller}</td>
      <td className="num">{same.map(({ round }) => round).join(', ')}</td>
      <td>
        {entry.data?.message ?? words(code)}
        <div style={{ color: 'var(--text-3)', fontSize: 12 }}>
          <code>{code}</code> {reason}
        </div>
      </td>
    </tr>
  );
}
