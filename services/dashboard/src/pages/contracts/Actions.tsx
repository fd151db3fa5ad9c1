import { Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api, unwrap } from '~/api/client';
import { Problem } from '~/api/problem';
import type { Contract } from '~/api/queries';
import { useSession } from '~/app/session';
import { type ContractAction, contractGates, type Gate, trainingOf } from '~/domain/guardrails';
import { GateButton, useConfirm } from '~/ui/actions';
import { Money } from '~/ui/basics';
import { FormDialog } from '~/ui/FormDialog';
import { useForm } from '~/ui/form';
import { Panel } from '~/ui/layout';
import { ErrorNote } from '~/ui/states';
import css from './contracts.module.css';
import { ReleasePreview } from './EscrowPicture';
import { PartRelease } from './PartRelease';

const WHAT: Readonly<Record<ContractAction, { name: string; about: string }>> = {
  trigger: { name: 'Start training', about: 'Binds the contract to a Flower run on its nodes.' },
  replace: {
    name: 'Replace who dropped out',
    about: 'The next best offers train the rounds that are left, within what is held.',
  },
  stop: { name: 'Stop training', about: 'What was delivered until then counts.' },
  release: { name: 'Release the escrow', about: 'Pays each provider by the rule that was agreed.' },
  part: { name: 'Release in part', about: 'Pays each provider what you name; the rest goes back.' },
  refund: { name: 'Refund', about: 'Gives the whole amount back to the model owner.' },
  dispute: { name: 'Open a dispute', about: 'Freezes what is held until an operator decides.' },
  download: { name: 'Download the model', about: 'A NumPy .npz with the trained weights.' },
};

export function Actions({ contract, disputed }: { contract: Contract; disputed: boolean }) {
  const { who } = useSession();
  const client = useQueryClient();
  const { ask, dialog } = useConfirm();
  const [disputing, setDisputing] = useState(false);
  const [inPart, setInPart] = useState(false);
  const [busy, setBusy] = useState<ContractAction | null>(null);
  const [error, setError] = useState<unknown>(null);
  const gates = contractGates(contract, who.role, disputed);
  const refresh = () =>
    Promise.all(
      ['contracts', 'runs', 'accounts', 'disputes', 'summary'].map((key) =>
        client.invalidateQueries({ queryKey: [key] }),
      ),
    );

  const run = async (action: ContractAction, act: () => Promise<unknown>, said: string) => {
    setBusy(action);
    setError(null);
    try {
      await act();
      await refresh();
      notifications.show({ message: said, color: 'teal' });
    } catch (refusal) {
      setError(refusal);
    } finally {
      setBusy(null);
    }
  };
  const settle = (kind: 'release' | 'refund') => async () => {
    await unwrap(api.POST(`/marketplace/escrow/${kind}`, { body: { contract_id: contract.contract_id } }));
    await refresh();
    notifications.show({
      message: kind === 'release' ? 'The providers are paid.' : 'The money is back.',
      color: 'teal',
    });
  };

  const press: Readonly<Record<ContractAction, () => void>> = {
    trigger: () =>
      void run(
        'trigger',
        () => unwrap(api.POST('/trigger_fl', { body: { contract_id: contract.contract_id } })),
        'Training is on its way: rounds appear as they arrive.',
      ),
    replace: () =>
      void run(
        'replace',
        () =>
          unwrap(
            api.POST('/marketplace/contracts/{contract_id}/replacements', {
              params: { path: { contract_id: contract.contract_id } },
              body: { offer_ids: [] },
            }),
          ),
        'Others take their place: start the training again.',
      ),
    stop: () =>
      ask({
        title: 'Stop training?',
        text: 'Rounds that were delivered count, and are paid at release. The contract may be trained again for the rest.',
        confirm: 'Stop training',
        danger: true,
        act: async () => {
          await unwrap(
            api.POST('/training/runs/{run_id}/stop', { params: { path: { run_id: contract.execution_run_id ?? '' } } }),
          );
          await refresh();
        },
      }),
    release: () =>
      ask({
        title: trainingOf(contract) === 'none' ? 'Release before training?' : 'Release the escrow?',
        text: (
          <>
            <ReleasePreview contract={contract} />
            <p style={{ margin: '14px 0 0' }}>It cannot be undone.</p>
          </>
        ),
        confirm: 'Release the escrow',
        act: settle('release'),
      }),
    part: () => setInPart(true),
    refund: () =>
      ask({
        title: 'Refund the contract?',
        text: (
          <>
            <Money credits={contract.escrow_total} /> go back to {contract.model_owner_id}, and nobody is paid. It
            cannot be undone.
          </>
        ),
        confirm: 'Refund',
        danger: true,
        act: settle('refund'),
      }),
    dispute: () => setDisputing(true),
    download: () => void run('download', () => download(contract), 'The model is downloaded.'),
  };
  const shown: ContractAction[] = [
    'trigger',
    ...(gates.replace.allowed ? (['replace'] as const) : []),
    ...(gates.stop.allowed ? (['stop'] as const) : []),
    'release',
    ...(gates.part.allowed ? (['part'] as const) : []),
    'refund',
    'dispute',
    'download',
  ];
  const main = (['trigger', 'release', 'download'] as const).find(
    (action) => gates[action].allowed && (action !== 'release' || trainingOf(contract) !== 'active'),
  );

  return (
    <Panel title="What you can do" flush>
      {shown.map((action) => (
        <Action key={action} gate={gates[action]} name={WHAT[action].name} about={WHAT[action].about}>
          <GateButton
            gate={gates[action]}
            size="xs"
            variant={action === main ? 'filled' : 'default'}
            loading={busy === action}
            onClick={press[action]}
          >
            {WHAT[action].name}
          </GateButton>
        </Action>
      ))}
      {error !== null && (
        <div style={{ padding: '4px 18px 16px' }}>
          <ErrorNote error={error} />
        </div>
      )}
      {dialog}
      {inPart && <PartRelease contract={contract} close={() => setInPart(false)} done={refresh} />}
      {disputing && <DisputeDialog contract={contract} close={() => setDisputing(false)} done={refresh} />}
    </Panel>
  );
}

function Action({ gate, about, children }: { gate: Gate; name: string; about: string; children: ReactNode }) {
  return (
    <div className={css.action}>
      <span className={css.actionWhy}>{gate.allowed ? about : gate.reason}</span>
      {children}
    </div>
  );
}

function DisputeDialog({
  contract,
  close,
  done,
}: {
  contract: Contract;
  close: () => void;
  done: () => Promise<unknown>;
}) {
  const { who } = useSession();
  const form = useForm('DisputeIn', { reporter: who.participant || who.role, reason: '' });
  const act = async () => {
    await unwrap(api.POST('/marketplace/disputes', { body: { contract_id: contract.contract_id, ...form.values } }));
    await done();
    notifications.show({ message: 'The dispute is open: what is held stays where it is.', color: 'orange' });
    close();
  };
  return (
    <FormDialog title="Open a dispute" form={form} act={act} close={close} confirm="Open the dispute">
      <Textarea
        {...form.field('reason', 'Reason')}
        description="What went wrong, so that an operator can decide. It stands in the timeline for everybody to read."
        autosize
        minRows={3}
        data-autofocus
        value={form.values.reason}
        onChange={(event) => form.set('reason', event.currentTarget.value)}
      />
    </FormDialog>
  );
}

async function download(contract: Contract): Promise<void> {
  const runId = contract.execution_run_id ?? '';
  const response = await fetch(`/training/runs/${encodeURIComponent(runId)}/model`).catch(() => {
    throw Problem.unreachable();
  });
  if (!response.ok) throw Problem.of(await response.json().catch(() => null), response);
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = `${runId}.npz`;
  link.click();
  URL.revokeObjectURL(url);
}
