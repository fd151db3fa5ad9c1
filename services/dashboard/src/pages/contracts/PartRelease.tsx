import { Button, Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { api, unwrap } from '~/api/client';
import type { Contract } from '~/api/queries';
import { type Amounts, backOf, payoutsOf } from '~/domain/shares';
import { Dialog } from '~/ui/Dialog';
import { ErrorNote } from '~/ui/states';
import { AmountFields } from './AmountFields';
import { ReleasePreview } from './EscrowPicture';

/** A release that names what each provider gets, beside what the agreed rule would pay. */
export function PartRelease({
  contract,
  close,
  done,
}: {
  contract: Contract;
  close: () => void;
  done: () => Promise<unknown>;
}) {
  const [amounts, setAmounts] = useState<Amounts>(() =>
    Object.fromEntries(contract.selected_offers.map(({ offer_id }) => [offer_id, ''])),
  );
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const go = async () => {
    setBusy(true);
    setError(null);
    try {
      const body = { contract_id: contract.contract_id, payouts: payoutsOf(amounts) };
      await unwrap(api.POST('/marketplace/escrow/release', { body }));
      await done();
      notifications.show({ message: 'The providers are paid, and the rest is back.', color: 'teal' });
      close();
    } catch (refusal) {
      setError(refusal);
      setBusy(false);
    }
  };
  return (
    <Dialog opened close={close} title="Release in part">
      <ReleasePreview contract={contract} />
      <p style={{ margin: '14px 0 0' }}>
        Name what each provider gets, before the fee. Rounds that were delivered are paid for; the rest goes back to{' '}
        {contract.model_owner_id}. It cannot be undone.
      </p>
      <AmountFields contract={contract} amounts={amounts} change={setAmounts} placeholder="as agreed" />
      {error !== null && <ErrorNote error={error} />}
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={close}>
          Keep as it is
        </Button>
        <Button loading={busy} disabled={(backOf(contract.escrow_total, amounts) ?? 0) < 0} onClick={() => void go()}>
          Release in part
        </Button>
      </Group>
    </Dialog>
  );
}
