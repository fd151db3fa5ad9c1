import { Button, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconFileDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { useAudit } from '~/api/queries';
import { useSession } from '~/app/session';
import { onlyFor } from '~/domain/guardrails';
import { Id, Tag, Time } from '~/ui/basics';
import { FilterBar } from '~/ui/FilterBar';
import { PageHead, Panel, Table, wide } from '~/ui/layout';
import { NeedsRole } from '~/ui/NeedsRole';
import { Answer, Empty } from '~/ui/states';

export default function AuditPage() {
  const { who } = useSession();
  const may = onlyFor(who.role, 'reviewer').allowed;
  return (
    <>
      <PageHead
        title="Audit"
        hint="Every change that came through the gateway: who, from where, what. Each record’s hash covers the one before."
        actions={
          may && (
            <Button
              component="a"
              href="/audit/export"
              download="audit.jsonl"
              variant="default"
              leftSection={<IconFileDownload size={16} />}
            >
              Export all records
            </Button>
          )
        }
      />
      <NeedsRole needs="reviewer" />
      {may && <Records />}
    </>
  );
}

function Records() {
  const [text, setText] = useState('');
  const [actor, setActor] = useState('');
  const [wanted] = useDebouncedValue({ q: text.trim(), actor: actor.trim() }, 250);
  const records = useAudit(wanted);
  return (
    <Panel flush>
      <FilterBar label="Search the audit" placeholder="Path, address, key or request id" text={text} change={setText}>
        <TextInput
          aria-label="Actor"
          placeholder="Actor"
          value={actor}
          onChange={(event) => setActor(event.currentTarget.value)}
        />
      </FilterBar>
      <Answer query={records}>
        {({ records: rows, head_hash }) => (
          <>
            {rows.length === 0 ? (
              <Empty title="No record fits">Only changes are recorded; who reads leaves none.</Empty>
            ) : (
              <Table
                label="Records"
                head={
                  <>
                    <th>When</th>
                    <th>Who</th>
                    <th>What</th>
                    <th className={wide}>From</th>
                    <th className={wide}>Hash</th>
                  </>
                }
              >
                {rows.map((record) => (
                  <tr key={record.seq} data-seq={record.seq}>
                    <td>
                      <Time ts={Math.floor(Date.parse(record.at) / 1000)} />
                    </td>
                    <td>
                      {record.actor}
                      <div style={{ color: 'var(--text-3)', fontSize: 12 }}>{record.key_id}</div>
                    </td>
                    <td style={{ overflowWrap: 'anywhere' }}>
                      <Tag>{record.method}</Tag> {record.path}
                    </td>
                    <td className={wide}>{record.address}</td>
                    <td className={wide}>
                      <Id id={record.hash} what="hash" />
                    </td>
                  </tr>
                ))}
              </Table>
            )}
            <p style={{ margin: 0, padding: '10px 14px', color: 'var(--text-3)', fontSize: 12 }}>
              Head of the chain: <Id id={head_hash} what="head hash" /> Keep it elsewhere, and nobody can shorten the
              chain.
            </p>
          </>
        )}
      </Answer>
    </Panel>
  );
}
