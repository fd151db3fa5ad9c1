/** Buttons that know whether they may be pressed, and say why not; and the question before what cannot be undone. */
import { Button, type ButtonProps, Group, Text, Tooltip } from '@mantine/core';
import { type ReactNode, useId, useState } from 'react';
import type { Gate } from '~/domain/guardrails';
import { Dialog } from './Dialog';
import { ErrorNote } from './states';

interface GateButtonProps extends ButtonProps {
  gate: Gate;
  onClick: () => void;
  children: ReactNode;
}

/** Stays in the tab order when closed, so that its reason can be read; pressing it then does nothing. */
export function GateButton({ gate, onClick, children, ...rest }: GateButtonProps) {
  const id = useId();
  if (gate.allowed) {
    return (
      <Button {...rest} onClick={onClick}>
        {children}
      </Button>
    );
  }
  return (
    <>
      <Tooltip label={gate.reason} multiline maw={280}>
        <Button
          {...rest}
          variant="default"
          aria-disabled
          data-disabled
          aria-describedby={id}
          onClick={(event) => event.preventDefault()}
        >
          {children}
        </Button>
      </Tooltip>
      <span id={id} className="vh">
        {gate.reason}
      </span>
    </>
  );
}

interface Question {
  title: string;
  text: ReactNode;
  confirm: string;
  danger?: boolean;
  /** Rejects with the refusal, which is shown in the dialog. */
  act: () => Promise<unknown>;
}

/** `const { ask, dialog } = useConfirm()`: put `dialog` into the page, call `ask({...})`. */
export function useConfirm(): { ask: (question: Question) => void; dialog: ReactNode } {
  const [question, setQuestion] = useState<Question | null>(null);
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const close = () => {
    if (!busy) setOpen(false);
  };
  const go = async () => {
    if (question === null) return;
    setBusy(true);
    setError(null);
    try {
      await question.act();
      setOpen(false);
    } catch (refusal) {
      setError(refusal);
    } finally {
      setBusy(false);
    }
  };
  return {
    ask: (next) => {
      setError(null);
      setQuestion(next);
      setOpen(true);
    },
    dialog: (
      <Dialog opened={open} close={close} title={question?.title ?? ''}>
        <Text component="div" size="md" c="var(--text-2)" mb="lg">
          {question?.text}
        </Text>
        {error !== null && <ErrorNote error={error} />}
        <Group justify="flex-end" mt="lg" gap="xs">
          <Button variant="default" onClick={close}>
            Keep as it is
          </Button>
          <Button
            color={question?.danger ? 'red.8' : undefined}
            loading={busy}
            onClick={() => void go()}
            data-autofocus
          >
            {question?.confirm}
          </Button>
        </Group>
      </Dialog>
    ),
  };
}
