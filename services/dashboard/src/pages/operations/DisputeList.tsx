import { Button, Group, Switch, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { api, unwrap } from '~/api/client';
import { type Dispute, useContract } from '~/api/queries';
import { useSession } from '~/app/session';
import { disputeMoves, onlyFor } from '~/domain/guardrails';
import type { Amounts } from '~/domain/shares';
import { DISPUTE } from '~/domain/states';
import { AmountFields } from '~/pages/contracts/AmountFields';
import { GateButton } from '~/ui/actions';
import { Status, shortId, Time } from '~/ui/basics';
import { Dialog } from '~/ui/Dialog';
import { ErrorNote } from '~/ui/states';
import ui from '~/ui/ui.module.css';

const MOVE = {
  under_review: { label: 'Take into review', said: 'The dispute is under review.' },
  resolved: { label: 'Resolve', said: 'The dispute is resolved: what is held can move again.' },
  rejected: { label: 'Reject', said: 'The dispute is rejected: what is held can move again.' },
} as const;
type Move = keyof typeof MOVE;

export function DisputeList({ disputes, linked = false }: { disputes: readonly Dispute[]; linked?: boolean }) {
  const { who } = useSession();
  const [moving, setMoving] = useState<{ dispute: Dispute; to: Move } | null>(null);
  return (
    <div className={ui.rows}>
      {disputes.map((dispute) => (
        <div key={dispute.dispute_id}>
          <Group justify="space-between" gap="xs">
            <span>
              <strong style={{ fontWeight: 570 }}>{dispute.reporter}</strong>{' '}
              <span style={{ color: 'var(--text-3)' }}>
                <Time ts={dispute.created_at} />
                {linked && (
                  <>
                    {' on '}
                    <Link to={`/contracts/${dispute.contract_id}`} className="link">
                      {shortId(dispute.contract_id)}
                    </Link>
                  </>
                )}
              </span>
            </span>
            <Status map={DISPUTE} state={dispute.status} />
          </Group>
          <p style={{ margin: '4px 0', color: 'var(--text-2)', overflowWrap: 'anywhere' }}>{dispute.reason}</p>
          {dispute.resolution_note !== '' && (
            <p style={{ margin: '4px 0', color: 'var(--text-3)' }}>
              {dispute.actor}: {dispute.resolution_note}
            </p>
          )}
          <Group gap="xs" mt={6}>
            {disputeMoves(dispute.status).map((to) => (
              <GateButton
                key={to}
                size="xs"
                variant="default"
                gate={onlyFor(who.role)}
                onClick={() => setMoving({ dispute, to })}
              >
                {MOVE[to].label}
              </GateButton>
            ))}
          </Group>
        </div>
      ))}
      {moving && <MoveDialog key={moving.dispute.dispute_id + moving.to} {...moving} close={() => setMoving(null)} />}
    </div>
  );
}

/** Where the money is still held, a resolution may say who gets what of it. */
function ShareOut({
  contractId,
  parts,
  change,
}: {
  contractId: string;
  parts: Amounts | null;
  change: (parts: Amounts | null) => void;
}) {
  const contract = useContract(contractId).data;
  if (contract?.escrow_status !== 'locked') return null;
  return (
    <div style={{ marginTop: 16 }}>
      <Switch
        label="Share out what is held"
        description="Settles the contract with the resolution. Otherwise it can be released or refunded as before."
        checked={parts !== null}
        onChange={(event) =>
          change(
            event.currentTarget.checked
              ? Object.fromEntries(contract.selected_offers.map(({ offer_id }) => [offer_id, 0]))
              : null,
          )
        }
      />
      {parts !== null && <AmountFields contract={contract} amounts={parts} change={change} />}
    </div>
  );
}

function MoveDialog({ dispute, to, close }: { dispute: Dispute; to: Move; close: () => void }) {
  const client = useQueryClient();
  const { who } = useSession();
  const [note, setNote] = useState('');
  const [parts, setParts] = useState<Amounts | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const go = async () => {
    setBusy(true);
    setError(null);
    try {
      await unwrap(
        api.PATCH('/marketplace/disputes/{dispute_id}', {
          params: { path: { dispute_id: dispute.dispute_id } },
          body: {
            status: to,
            actor: who.participant || who.role,
            resolution_note: note.trim(),
            payouts: parts && Object.entries(parts).map(([offer_id, amount]) => ({ offer_id, amount: amount || 0 })),
          },
        }),
      );
      await Promise.all(
        ['disputes', 'contracts', 'accounts'].map((key) => client.invalidateQueries({ queryKey: [key] })),
      );
      notifications.show({ message: MOVE[to].said, color: 'teal' });
      close();
    } catch (refusal) {
      setError(refusal);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog opened close={close} title={MOVE[to].label}>
      <Textarea
        label="Note"
        description="Why, for the parties. It stands in the timeline."
        autosize
        minRows={3}
        maxLength={4000}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        data-autofocus
      />
      {to === 'resolved' && <ShareOut contractId={dispute.contract_id} parts={parts} change={setParts} />}
      {error !== null && <ErrorNote error={error} />}
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button loading={busy} onClick={() => void go()}>
          {MOVE[to].label}
        </Button>
      </Group>
    </Dialog>
  );
}
