import { CloseButton, Modal } from '@mantine/core';
import type { ReactNode } from 'react';

/** A modal dialog with a heading. Mantine's own head is a `header`, which counts as a second banner of the page. */
export function Dialog({
  opened,
  close,
  title,
  children,
}: {
  opened: boolean;
  close: () => void;
  title: string;
  children: ReactNode;
}) {
  return (
    <Modal opened={opened} onClose={close} withCloseButton={false}>
      <div style={{ display: 'flex', justifyContent: 'space-between', alignItems: 'flex-start', marginBottom: 10 }}>
        <Modal.Title fz={16} fw={620}>
          {title}
        </Modal.Title>
        <CloseButton onClick={close} aria-label="Close" size="sm" />
      </div>
      {children}
    </Modal>
  );
}
