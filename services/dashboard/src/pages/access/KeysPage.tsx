import { Button, NativeSelect, TextInput } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Schemas, unwrap } from '~/api/client';
import { useKeys } from '~/api/queries';
import { useSession } from '~/app/session';
import { LIFE, look, ROLE } from '~/domain/states';
import { useConfirm } from '~/ui/actions';
import { Dash, Status, Tag, Time } from '~/ui/basics';
import { FormDialog } from '~/ui/FormDialog';
import { useForm } from '~/ui/form';
import { PageHead, Panel, Table, wide } from '~/ui/layout';
import { Answer, Empty } from '~/ui/states';
import { ShownOnce } from './ShownOnce';

type Key = Schemas['KeyOut'];

const DAY_S = 86_400;
const LIFETIMES = [
  { value: String(90 * DAY_S), label: '90 days' },
  { value: String(7 * DAY_S), label: '7 days' },
  { value: String(DAY_S), label: '1 day' },
  { value: '', label: 'Until it is revoked' },
];

export default function KeysPage() {
  const keys = useKeys();
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<string | null>(null);
  return (
    <>
      <PageHead
        title="Keys"
        hint="A key opens what is its participant’s own. It is shown once, when it is made, and ends at once when it is revoked."
        actions={<Button onClick={() => setMaking(true)}>New key</Button>}
      />
      <Answer query={keys}>
        {({ keys: rows }) => (
          <Panel flush>
            {rows.length === 0 ? (
              <Empty icon={<IconKey size={20} />} title="No keys yet">
                The role keys of the exchange itself are not listed here.
              </Empty>
            ) : (
              <Table
                label="Keys"
                head={
                  <>
                    <th>Key</th>
                    <th>Participant</th>
                    <th className={wide}>Made</th>
                    <th className={wide}>Last used</th>
                    <th>State</th>
                    <th>
                      <span className="vh">Action</span>
                    </th>
                  </>
                }
              >
                {rows.map((key) => (
                  <Row key={key.key_id} entry={key} />
                ))}
              </Table>
            )}
          </Panel>
        )}
      </Answer>
      {making && (
        <Make
          close={(text) => {
            setMaking(false);
            setMade(text);
          }}
        />
      )}
      {made !== null && <ShownOnce title="The new key" secret={made} close={() => setMade(null)} />}
    </>
  );
}

/** Whether something with an end is still good. */
export function life({ revoked_at, expires_at }: { revoked_at: number | null; expires_at: number | null }): string {
  if (revoked_at !== null) return 'revoked';
  return expires_at !== null && expires_at * 1000 <= Date.now() ? 'expired' : 'valid';
}

function Row({ entry }: { entry: Key }) {
  const client = useQueryClient();
  const { ask, dialog } = useConfirm();
  const state = life(entry);
  const revoke = async () => {
    await unwrap(api.POST('/identity/keys/{key_id}/revoke', { params: { path: { key_id: entry.key_id } } }));
    await client.invalidateQueries({ queryKey: ['access'] });
  };
  return (
    <tr data-key={entry.key_id} data-state={state}>
      <td>
        <code>{entry.key_id}</code>
        {entry.label !== '' && <div style={{ color: 'var(--text-3)', fontSize: 12 }}>{entry.label}</div>}
      </td>
      <td>
        {entry.participant} <Tag>{look(ROLE, entry.role).label}</Tag>
      </td>
      <td className={wide}>
        <Time ts={entry.created_at} /> by {entry.created_by}
      </td>
      <td className={wide}>{entry.last_used_at === null ? <Dash /> : <Time ts={entry.last_used_at} />}</td>
      <td>
        <Status map={LIFE} state={state} />
      </td>
      <td>
        {state === 'valid' && (
          <Button
            size="xs"
            variant="default"
            aria-label={`Revoke ${entry.key_id}`}
            onClick={() =>
              ask({
                title: 'Revoke this key?',
                text: `Whatever uses ${entry.key_id} of ${entry.participant} is locked out at once, sessions included.`,
                confirm: 'Revoke the key',
                danger: true,
                act: revoke,
              })
            }
          >
            Revoke
          </Button>
        )}
        {dialog}
      </td>
    </tr>
  );
}

interface MakeValues extends Record<string, unknown> {
  participant: string;
  role: Key['role'];
  label: string;
}

function Make({ close }: { close: (made: string | null) => void }) {
  const { who } = useSession();
  const client = useQueryClient();
  const operator = who.role === 'operator';
  const form = useForm<MakeValues>('KeyIn', {
    participant: operator ? '' : who.participant,
    role: operator ? 'provider' : (who.role as Key['role']),
    label: '',
  });
  const [lasts, setLasts] = useState(LIFETIMES[0]?.value ?? '');
  const act = async () => {
    const body = { ...form.values, expires_in_s: lasts === '' ? null : Number(lasts) };
    const { key } = await unwrap(api.POST('/identity/keys', { body }));
    await client.invalidateQueries({ queryKey: ['access'] });
    close(key);
  };
  return (
    <FormDialog title="New key" form={form} act={act} close={() => close(null)} confirm="Make the key">
      <TextInput
        {...form.field('participant', 'Participant')}
        value={form.values.participant}
        onChange={(event) => form.set('participant', event.currentTarget.value)}
        readOnly={!operator}
        data-autofocus
      />
      <NativeSelect
        {...form.field('role', 'Role')}
        disabled={!operator}
        data={(['provider', 'model_owner', 'operator', 'reviewer'] as const).map((role) => ({
          value: role,
          label: ROLE[role].label,
        }))}
        value={form.values.role}
        onChange={(event) => form.set('role', event.currentTarget.value as Key['role'])}
      />
      <TextInput
        {...form.field('label', 'Label')}
        value={form.values.label}
        onChange={(event) => form.set('label', event.currentTarget.value)}
      />
      <NativeSelect
        label="Ends by itself after"
        data={LIFETIMES}
        value={lasts}
        onChange={(event) => setLasts(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
