import { Group, NumberInput, Stack, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Schemas, unwrap } from '~/api/client';
import { useInviteRequests, useInvites } from '~/api/queries';
import { useSession } from '~/app/session';
import { onlyFor } from '~/domain/guardrails';
import { LIFE, look, REQUEST, ROLE } from '~/domain/states';
import { GateButton, useConfirm } from '~/ui/actions';
import { Status, Tag, Time } from '~/ui/basics';
import { FormDialog } from '~/ui/FormDialog';
import { useForm } from '~/ui/form';
import { PageHead, Panel, Table, wide } from '~/ui/layout';
import { NeedsRole } from '~/ui/NeedsRole';
import { Answer, Empty } from '~/ui/states';
import { life } from './KeysPage';
import { ShownOnce } from './ShownOnce';

type Wish = Schemas['RequestOut'];
type Invite = Schemas['InviteOut'];

export default function InvitesPage() {
  const { who } = useSession();
  return (
    <>
      <PageHead
        title="Invitations"
        hint="Whoever would like to take part asks; an operator approves or rejects. The code is shown once and goes out by hand."
      />
      <NeedsRole needs="reviewer" />
      {onlyFor(who.role, 'reviewer').allowed && (
        <Stack gap="md">
          <Requests />
          <Invites />
        </Stack>
      )}
    </>
  );
}

function Requests() {
  const requests = useInviteRequests();
  const [code, setCode] = useState<string | null>(null);
  return (
    <Panel title="Requests" hint="What is in them comes from anybody." flush>
      <Answer query={requests}>
        {({ requests: rows }) =>
          rows.length === 0 ? (
            <Empty title="Nobody has asked">POST /join/request_invite needs no key.</Empty>
          ) : (
            <Table
              label="Requests"
              head={
                <>
                  <th>From</th>
                  <th className={wide}>Asked</th>
                  <th>State</th>
                  <th>
                    <span className="vh">Action</span>
                  </th>
                </>
              }
            >
              {rows.map((wish) => (
                <RequestRow key={wish.request_id} wish={wish} show={setCode} />
              ))}
            </Table>
          )
        }
      </Answer>
      {code !== null && <ShownOnce title="The invitation’s code" secret={code} close={() => setCode(null)} />}
    </Panel>
  );
}

function RequestRow({ wish, show }: { wish: Wish; show: (code: string) => void }) {
  const { who } = useSession();
  const [doing, setDoing] = useState<'approve' | 'reject' | null>(null);
  const gate = onlyFor(who.role);
  return (
    <tr data-request={wish.request_id} data-state={wish.status}>
      <td>
        {wish.contact_email} <Tag>{look(ROLE, wish.role).label}</Tag>
        <div style={{ color: 'var(--text-3)', fontSize: 12, overflowWrap: 'anywhere' }}>
          {[wish.name, wish.compute_type, wish.note, wish.reason].filter((text) => text !== '').join(' · ')}
        </div>
      </td>
      <td className={wide}>
        <Time ts={wish.created_at} />
      </td>
      <td>
        <Status map={REQUEST} state={wish.status} />
      </td>
      <td>
        {wish.status === 'pending' && (
          <Group gap="xs">
            <GateButton gate={gate} size="xs" onClick={() => setDoing('approve')}>
              Approve
            </GateButton>
            <GateButton gate={gate} size="xs" variant="default" onClick={() => setDoing('reject')}>
              Reject
            </GateButton>
          </Group>
        )}
        {doing === 'approve' && <Approve wish={wish} close={() => setDoing(null)} show={show} />}
        {doing === 'reject' && <Reject wish={wish} close={() => setDoing(null)} />}
      </td>
    </tr>
  );
}

interface ApproveValues extends Record<string, unknown> {
  max_uses: number | string;
}

function Approve({ wish, close, show }: { wish: Wish; close: () => void; show: (code: string) => void }) {
  const client = useQueryClient();
  const form = useForm<ApproveValues>('ApproveIn', { max_uses: 1 });
  const [days, setDays] = useState<number | string>(7);
  const [participant, setParticipant] = useState('');
  const act = async () => {
    const path = { request_id: wish.request_id };
    const body = {
      max_uses: Number(form.values.max_uses),
      valid_for_s: Math.round(Number(days) * 86_400),
      participant: participant.trim() || null,
    };
    const { invite } = await unwrap(api.POST('/join/requests/{request_id}/approve', { params: { path }, body }));
    close();
    show(invite);
    await client.invalidateQueries({ queryKey: ['access'] });
  };
  return (
    <FormDialog
      title={`Invite ${wish.contact_email}`}
      form={form}
      act={act}
      close={close}
      confirm="Make the invitation"
    >
      <NumberInput
        {...form.field('max_uses', 'Uses')}
        value={form.values.max_uses}
        onChange={(value) => form.set('max_uses', value)}
        min={1}
        max={100}
        data-autofocus
      />
      <NumberInput label="Days" value={days} onChange={setDays} min={1} max={90} />
      <TextInput
        label="Participant"
        description="Whose place it is. Left empty, whoever registers gets a new id."
        value={participant}
        onChange={(event) => setParticipant(event.currentTarget.value)}
      />
    </FormDialog>
  );
}

interface RejectValues extends Record<string, unknown> {
  reason: string;
}

function Reject({ wish, close }: { wish: Wish; close: () => void }) {
  const client = useQueryClient();
  const form = useForm<RejectValues>('RejectIn', { reason: '' });
  const act = async () => {
    const path = { request_id: wish.request_id };
    await unwrap(api.POST('/join/requests/{request_id}/reject', { params: { path }, body: form.values }));
    close();
    await client.invalidateQueries({ queryKey: ['access'] });
  };
  return (
    <FormDialog title={`Reject ${wish.contact_email}`} form={form} act={act} close={close} confirm="Reject the request">
      <Textarea
        {...form.field('reason', 'Reason')}
        value={form.values.reason}
        onChange={(event) => form.set('reason', event.currentTarget.value)}
        data-autofocus
      />
    </FormDialog>
  );
}

function Invites() {
  const invites = useInvites();
  return (
    <Panel title="Invitations" flush>
      <Answer query={invites}>
        {({ invites: rows }) =>
          rows.length === 0 ? (
            <Empty title="No invitations yet">An approved request makes one.</Empty>
          ) : (
            <Table
              label="Invitations"
              head={
                <>
                  <th>Invitation</th>
                  <th>Uses</th>
                  <th className={wide}>Ends</th>
                  <th>State</th>
                  <th>
                    <span className="vh">Action</span>
                  </th>
                </>
              }
            >
              {rows.map((invite) => (
                <InviteRow key={invite.invite_id} invite={invite} />
              ))}
            </Table>
          )
        }
      </Answer>
    </Panel>
  );
}

function InviteRow({ invite }: { invite: Invite }) {
  const { who } = useSession();
  const client = useQueryClient();
  const { ask, dialog } = useConfirm();
  const state = invite.uses >= invite.max_uses && invite.revoked_at === null ? 'used' : life(invite);
  const revoke = async () => {
    await unwrap(api.POST('/join/invites/{invite_id}/revoke', { params: { path: { invite_id: invite.invite_id } } }));
    await client.invalidateQueries({ queryKey: ['access'] });
  };
  return (
    <tr data-invite={invite.invite_id} data-state={state}>
      <td>
        <code>{invite.invite_id}</code> <Tag>{look(ROLE, invite.role).label}</Tag>
        {invite.participant !== null && (
          <div style={{ color: 'var(--text-3)', fontSize: 12 }}>for {invite.participant}</div>
        )}
      </td>
      <td className="num">
        {invite.uses} of {invite.max_uses}
      </td>
      <td className={wide}>
        <Time ts={invite.expires_at} />
      </td>
      <td>
        <Status map={LIFE} state={state} />
      </td>
      <td>
        {state === 'valid' && (
          <GateButton
            gate={onlyFor(who.role)}
            size="xs"
            variant="default"
            onClick={() =>
              ask({
                title: 'Revoke this invitation?',
                text: 'Its code lets nobody in any more. Who is in stays in.',
                confirm: 'Revoke the invitation',
                danger: true,
                act: revoke,
              })
            }
          >
            Revoke
          </GateButton>
        )}
        {dialog}
      </td>
    </tr>
  );
}
