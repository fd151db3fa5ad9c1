import { Button } from '@mantine/core';
import { useSession } from '~/app/session';
import { onlyFor, type Role } from '~/domain/guardrails';
import { look, ROLE } from '~/domain/states';
import { Note } from './states';

/** Says who may do what the page is for, and offers to become that, where personas can be chosen. Nothing for who may. */
export function NeedsRole({ needs }: { needs: Role }) {
  const { who, personas, become } = useSession();
  const gate = onlyFor(who.role, needs);
  if (gate.allowed) return null;
  const other = personas.find((persona) => persona.role === needs);
  return (
    <div style={{ marginBottom: 16 }}>
      <Note tone="warn" title="Not with this role">
        {gate.reason}
        {other && (
          <div>
            <Button mt={8} size="xs" variant="default" onClick={() => become(needs)}>
              Act as {look(ROLE, needs).label.toLowerCase()}
            </Button>
          </div>
        )}
      </Note>
    </div>
  );
}
