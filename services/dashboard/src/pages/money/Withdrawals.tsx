import { Group, NumberInput, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Schemas, unwrap } from '~/api/client';
import { useAccount, useWithdrawals } from '~/api/queries';
import { useSession } from '~/app/session';
import { onlyFor } from '~/domain/guardrails';
import { WITHDRAWAL } from '~/domain/states';
import { GateButton, useConfirm } from '~/ui/actions';
import { Money, Status, Time } from '~/ui/basics';
import { FormDialog } from '~/ui/FormDialog';
import { useForm } from '~/ui/form';
import { Panel } from '~/ui/layout';
import { Answer, Empty } from '~/ui/states';
import css from './money.module.css';

type Withdrawal = Schemas['WithdrawalOut'];

/** Money out: a participant asks, an operator pays and says so. */
export function Withdrawals({ participant }: { participant: string }) {
  const { who } = useSession();
  const withdrawals = useWithdrawals(participant);
  const account = useAccount(participant).data?.[0];
  const [asking, setAsking] = useState(false);
  const may = onlyFor(who.role, 'provider', 'model_owner');
  return (
    <Panel
      title="Withdrawals"
      hint="A participant asks; an operator pays and confirms it."
      flush
      actions={
        <GateButton
          gate={account || !may.allowed ? may : { allowed: false, reason: 'There is no account to take it from.' }}
          size="xs"
          variant="default"
          onClick={() => setAsking(true)}
        >
          Withdraw
        </GateButton>
      }
    >
      <Answer query={withdrawals}>
        {({ withdrawals: rows }) =>
          rows.length === 0 ? (
            <Empty title="Nothing was asked for">What a provider has earned, it can have paid out.</Empty>
          ) : (
            rows.map((row) => <Row key={row.withdrawal_id} withdrawal={row} />)
          )
        }
      </Answer>
      {asking && account && <Ask account={account} close={() => setAsking(false)} />}
    </Panel>
  );
}

function Row({ withdrawal }: { withdrawal: Withdrawal }) {
  const { who } = useSession();
  const client = useQueryClient();
  const { ask, dialog } = useConfirm();
  const end = async (status: 'confirmed' | 'rejected') => {
    const path = { withdrawal_id: withdrawal.withdrawal_id };
    await unwrap(api.PATCH('/escrow/withdrawals/{withdrawal_id}', { params: { path }, body: { status, note: '' } }));
    await client.invalidateQueries({ queryKey: ['accounts'] });
    notifications.show({
      message: status === 'confirmed' ? 'The money has left.' : 'The money is back.',
      color: 'teal',
    });
  };
  const text = (
    <>
      <Money credits={withdrawal.amount} /> of {withdrawal.participant}
    </>
  );
  return (
    <div className={css.row}>
      <div>
        {text}
        <div style={{ color: 'var(--text-3)', fontSize: 12 }}>
          <Time ts={withdrawal.created_at} />
          {withdrawal.note !== '' && ` · ${withdrawal.note}`}
        </div>
      </div>
      <Group gap="xs">
        {withdrawal.status === 'requested' && (
          <>
            <GateButton
              gate={onlyFor(who.role)}
              size="xs"
              variant="default"
              onClick={() =>
                ask({
                  title: 'Reject this withdrawal?',
                  text: <>{text}: it goes back to the account.</>,
                  confirm: 'Reject',
                  act: () => end('rejected'),
                })
              }
            >
              Reject
            </GateButton>
            <GateButton
              gate={onlyFor(who.role)}
              size="xs"
              onClick={() =>
                ask({
                  title: 'Has the money left?',
                  text: <>{text}. Confirm only what was paid: it cannot be undone.</>,
                  confirm: 'It was paid',
                  act: () => end('confirmed'),
                })
              }
            >
              Confirm
            </GateButton>
          </>
        )}
        <Status map={WITHDRAWAL} state={withdrawal.status} />
      </Group>
      {dialog}
    </div>
  );
}

interface AskValues extends Record<string, unknown> {
  participant: string;
  amount: number | string;
  note: string;
}

function Ask({ account, close }: { account: Schemas['AccountOut']; close: () => void }) {
  const client = useQueryClient();
  const form = useForm<AskValues>('WithdrawalIn', { participant: account.participant, amount: '', note: '' });
  const act = async () => {
    await unwrap(api.POST('/escrow/withdrawals', { body: { ...form.values, amount: Number(form.values.amount) } }));
    await client.invalidateQueries({ queryKey: ['accounts'] });
    notifications.show({ message: 'Asked for: an operator pays it out.', color: 'teal' });
    close();
  };
  return (
    <FormDialog title={`Withdraw from ${account.participant}`} form={form} act={act} close={close} confirm="Withdraw">
      <NumberInput
        {...form.field('amount', 'Amount')}
        description={
          <>
            <Money credits={account.available} /> are available.
          </>
        }
        value={form.values.amount}
        onChange={(value) => form.set('amount', value)}
        min={0}
        suffix=" credits"
        thousandSeparator=","
        data-autofocus
      />
      <TextInput
        {...form.field('note', 'Note')}
        value={form.values.note}
        onChange={(event) => form.set('note', event.currentTarget.value)}
      />
    </FormDialog>
  );
}
