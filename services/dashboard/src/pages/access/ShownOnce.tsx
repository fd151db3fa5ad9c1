import { Button, Group } from '@mantine/core';
import { Copy } from '~/ui/basics';
import { Dialog } from '~/ui/Dialog';
import { Note } from '~/ui/states';

/** A secret, for as long as the dialog is open: nothing keeps it, here or at the exchange. */
export function ShownOnce({ title, secret, close }: { title: string; secret: string; close: () => void }) {
  return (
    <Dialog opened close={close} title={title}>
      <Note tone="warn" title="It is shown this once">
        Copy it to where it is to be kept. What is lost is replaced by a new one.
      </Note>
      <p style={{ display: 'flex', alignItems: 'center', gap: 6 }}>
        <code data-testid="secret" style={{ overflowWrap: 'anywhere' }}>
          {secret}
        </code>
        <Copy text={secret} what="secret" />
      </p>
      <Group justify="flex-end">
        <Button onClick={close} data-autofocus>
          It is kept
        </Button>
      </Group>
    </Dialog>
  );
}
