import { Accordion, Code, Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconMailCheck } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Schemas, unwrap } from '~/api/client';
import { useDeadLetters } from '~/api/queries';
import { useSession } from '~/app/session';
import { onlyFor } from '~/domain/guardrails';
import { GateButton } from '~/ui/actions';
import { Id, Tag, Time } from '~/ui/basics';
import { PageHead, Panel } from '~/ui/layout';
import { Answer, Empty, ErrorNote, Note } from '~/ui/states';

type Letter = Schemas['DeadLetter'];

export default function DeadLettersPage() {
  const letters = useDeadLetters();
  return (
    <>
      <PageHead
        title="Dead letters"
        hint="Facts that a service gave up on after many tries. A replay hands one to its handler again: all of it happens, or nothing."
      />
      <Answer query={letters}>
        {({ dead_letters: rows, unreachable }) => (
          <>
            {unreachable.length > 0 && (
              <div style={{ marginBottom: 16 }}>
                <Note tone="warn" title={`Not asked: ${unreachable.join(', ')}`}>
                  These services do not answer, so their letters are missing here.
                </Note>
              </div>
            )}
            <Panel flush>
              {rows.length === 0 ? (
                <Empty icon={<IconMailCheck size={20} />} title="No dead letters">
                  Every fact was taken in by every service that listens to it.
                </Empty>
              ) : (
                <Accordion variant="default" chevronPosition="left">
                  {rows.map((letter) => (
                    <Accordion.Item key={letter.consumer + letter.event_id} value={letter.consumer + letter.event_id}>
                      <Accordion.Control>
                        <Group gap={8}>
                          <span style={{ fontWeight: 560 }}>{letter.subject}</span>
                          <Tag>{letter.consumer}</Tag>
                          <span style={{ color: 'var(--text-3)', fontSize: 13 }}>
                            <Time ts={letter.dead_at} />, {letter.attempts} tries
                          </span>
                        </Group>
                      </Accordion.Control>
                      <Accordion.Panel>
                        <LetterBody letter={letter} />
                      </Accordion.Panel>
                    </Accordion.Item>
                  ))}
                </Accordion>
              )}
            </Panel>
          </>
        )}
      </Answer>
    </>
  );
}

function LetterBody({ letter }: { letter: Letter }) {
  const { who } = useSession();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const replay = async () => {
    setBusy(true);
    setError(null);
    try {
      const { service, consumer, event_id } = letter;
      await unwrap(
        api.POST('/ops/dead_letters/replay', { body: { service: service as Schemas['Upstream'], consumer, event_id } }),
      );
      notifications.show({ message: 'Replayed: the fact is taken in.', color: 'teal' });
      await client.invalidateQueries();
    } catch (refusal) {
      setError(refusal);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <p style={{ margin: '0 0 8px', color: 'var(--text-2)', fontSize: 13 }}>
        {letter.service} gave up: {letter.reason}
      </p>
      <Id id={letter.event_id} what="event id" />
      <Code block mt={8} mb={12} tabIndex={0} aria-label="The fact">
        {JSON.stringify(letter.event, null, 2)}
      </Code>
      <GateButton gate={onlyFor(who.role)} size="xs" loading={busy} onClick={() => void replay()}>
        Replay
      </GateButton>
      {error !== null && (
        <div style={{ marginTop: 12 }}>
          <ErrorNote error={error} />
        </div>
      )}
    </>
  );
}
