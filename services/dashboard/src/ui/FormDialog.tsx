import { Button, Group, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { Dialog } from './Dialog';
import type { Form } from './form';
import { ErrorNote } from './states';

/** A form in a dialog. A refusal stands at its field, or above the buttons. */
export function FormDialog({
  title,
  form,
  act,
  close,
  confirm,
  children,
}: {
  title: string;
  form: Pick<Form<Record<string, unknown>>, 'submit' | 'busy' | 'error'>;
  act: () => Promise<void>;
  close: () => void;
  confirm: string;
  children: ReactNode;
}) {
  return (
    <Dialog opened close={close} title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void form.submit(act);
        }}
        noValidate
      >
        <Stack gap="sm">
          {children}
          {form.error !== null && <ErrorNote error={form.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={form.busy}>
              {confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
