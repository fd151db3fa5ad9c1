import { Button, NumberInput, Stack, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { api, unwrap } from '~/api/client';
import { useAccount, useStatement, useTrialBalance } from '~/api/queries';
import { useSession } from '~/app/session';
import { onlyFor } from '~/domain/guardrails';
import { words } from '~/domain/states';
import { Dash, Money, shortId, Time } from '~/ui/basics';
import { useForm } from '~/ui/form';
import { PageHead, Panel, right, Stat, Stats, Table } from '~/ui/layout';
import { NeedsRole } from '~/ui/NeedsRole';
import { Answer, Empty, ErrorNote, Note } from '~/ui/states';
import css from './money.module.css';
import { Withdrawals } from './Withdrawals';

export default function AccountsPage() {
  const [params, setParams] = useSearchParams();
  const { who } = useSession();
  const mine = who.role === 'provider' || who.role === 'model_owner' ? who.participant : '';
  const participant = params.get('participant') ?? mine;
  return (
    <>
      <PageHead
        title="Accounts"
        hint="Double entry: every transfer has two sides, balances sum to exactly 0, and money moves once."
      />
      <div className={css.split}>
        <div className={css.column}>
          <Account participant={participant} choose={(name) => setParams(name === '' ? {} : { participant: name })} />
          {participant !== '' && <Statement participant={participant} />}
          <Withdrawals participant={participant} />
        </div>
        <div className={css.column}>
          <Deposit
            key={`${participant} ${params.get('amount')}`}
            participant={participant}
            amount={params.get('amount')}
          />
          <Balances choose={(name) => setParams({ participant: name })} />
        </div>
      </div>
    </>
  );
}

function Account({ participant, choose }: { participant: string; choose: (name: string) => void }) {
  const [name, setName] = useState(participant);
  const account = useAccount(participant);
  return (
    <>
      <form
        className={css.choose}
        onSubmit={(event) => {
          event.preventDefault();
          choose(name.trim());
        }}
      >
        <TextInput
          key={participant}
          aria-label="Participant"
          placeholder="Participant, for example research-lab"
          defaultValue={participant}
          onChange={(event) => setName(event.currentTarget.value)}
          style={{ flex: 1 }}
        />
        <Button type="submit" variant="default">
          Show
        </Button>
      </form>
      {participant === '' ? (
        <Panel>
          <Empty title="Whose account?">Name a participant, or choose one from the balances.</Empty>
        </Panel>
      ) : (
        <Answer query={account}>
          {([data]) =>
            data === undefined ? (
              <Note tone="neutral" title={`${participant} has no account yet.`}>
                It comes with the first deposit, payout or contract. In the demo, a new model owner starts with credit.
              </Note>
            ) : (
              <Stats>
                <Stat label="Available" value={<Money credits={data.available} />} hint={data.participant} />
                <Stat label="In escrow" value={<Money credits={data.held} />} hint="held for its contracts" />
              </Stats>
            )
          }
        </Answer>
      )}
    </>
  );
}

function Statement({ participant }: { participant: string }) {
  const known = useAccount(participant).data?.length === 1;
  const statement = useStatement(participant, known);
  if (!known) return null;
  return (
    <Panel title="Statement" hint="Newest first; each line with the balance after it." flush>
      <Answer query={statement}>
        {({ entries }) =>
          entries.length === 0 ? (
            <Empty title="No entry yet">Nothing has moved on this account.</Empty>
          ) : (
            <Table
              label="Statement"
              head={
                <>
                  <th>What</th>
                  <th>When</th>
                  <th className={right}>Amount</th>
                  <th className={right}>Balance</th>
                </>
              }
            >
              {entries.map((line) => (
                <tr key={line.transfer_id}>
                  <td>
                    {words(line.kind)}{' '}
                    {line.contract_id !== null && (
                      <Link to={`/contracts/${line.contract_id}`} className="link">
                        {shortId(line.contract_id)}
                      </Link>
                    )}
                    {line.note !== '' && <div style={{ color: 'var(--text-3)', fontSize: 12 }}>{line.note}</div>}
                  </td>
                  <td>
                    <Time ts={line.at} />
                  </td>
                  <td className={right} style={{ color: line.amount > 0 ? 'var(--good)' : undefined }}>
                    {line.amount > 0 && '+'}
                    <Money credits={line.amount} unit={false} />
                  </td>
                  <td className={right}>
                    <Money credits={line.balance_after} unit={false} />
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

interface DepositValues extends Record<string, unknown> {
  participant: string;
  amount: number | string;
  note: string;
}

function Deposit({ participant, amount }: { participant: string; amount: string | null }) {
  const { who } = useSession();
  const client = useQueryClient();
  const form = useForm<DepositValues>('DepositIn', {
    participant,
    amount: amount === null ? '' : Number(amount),
    note: '',
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void form.submit(async () => {
      const done = await unwrap(
        api.POST('/escrow/deposits', { body: { ...form.values, amount: Number(form.values.amount) } }),
      );
      await client.invalidateQueries({ queryKey: ['accounts'] });
      notifications.show({ message: `${done.participant} has ${done.available} credits now.`, color: 'teal' });
      form.set('amount', '');
    });
  };
  return (
    <Panel title="Deposit" hint="Money from outside into a participant’s account.">
      <NeedsRole needs="operator" />
      <form onSubmit={submit} noValidate>
        <Stack gap="sm">
          <TextInput
            {...form.field('participant', 'Participant')}
            value={form.values.participant}
            onChange={(event) => form.set('participant', event.currentTarget.value)}
          />
          <NumberInput
            {...form.field('amount', 'Amount')}
            value={form.values.amount}
            onChange={(value) => form.set('amount', value)}
            min={0}
            suffix=" credits"
            thousandSeparator=","
          />
          <TextInput
            {...form.field('note', 'Note')}
            value={form.values.note}
            onChange={(event) => form.set('note', event.currentTarget.value)}
          />
          {form.error !== null && <ErrorNote error={form.error} />}
          <Button type="submit" loading={form.busy} disabled={!onlyFor(who.role).allowed}>
            Deposit
          </Button>
        </Stack>
      </form>
    </Panel>
  );
}

/** Escrow accounts of settled contracts are empty for ever; they would bury the rest. */
function moving({ account_id, balance }: { account_id: string; balance: number }): boolean {
  return balance !== 0 || !account_id.startsWith('escrow:');
}

function Balances({ choose }: { choose: (name: string) => void }) {
  const { who } = useSession();
  const may = who.role === 'operator' || who.role === 'reviewer';
  const trial = useTrialBalance(may);
  return (
    <Panel
      title="Trial balance"
      hint="Every account but the emptied ones of settled contracts. The sum is exactly 0."
      flush
    >
      {!may ? (
        <Empty title="For operators and reviewers">Others see their own account.</Empty>
      ) : (
        <Answer query={trial}>
          {(data) => (
            <Table
              label="Trial balance"
              head={
                <>
                  <th>Account</th>
                  <th className={right}>Balance</th>
                </>
              }
            >
              {data.accounts.filter(moving).map(({ account_id, balance }) => {
                const name = account_id.startsWith('participant:') ? account_id.slice('participant:'.length) : null;
                return (
                  <tr key={account_id}>
                    <td style={{ overflowWrap: 'anywhere' }}>
                      {name === null ? (
                        account_id.startsWith('escrow:') ? (
                          `escrow of ${shortId(account_id.slice(7))}`
                        ) : (
                          account_id
                        )
                      ) : (
                        <button type="button" className={css.pick} onClick={() => choose(name)}>
                          {name}
                        </button>
                      )}
                    </td>
                    <td className={right}>{balance === 0 ? <Dash /> : <Money credits={balance} unit={false} />}</td>
                  </tr>
                );
              })}
              <tr>
                <td style={{ fontWeight: 600 }}>Sum</td>
                <td className={right} style={{ fontWeight: 600, color: data.sum === 0 ? 'var(--good)' : 'var(--bad)' }}>
                  <Money credits={data.sum} unit={false} />
                </td>
              </tr>
            </Table>
          )}
        </Answer>
      )}
    </Panel>
  );
}
