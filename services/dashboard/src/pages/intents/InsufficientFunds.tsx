import { Button } from '@mantine/core';
import { useNavigate } from 'react-router';
import type { Problem } from '~/api/problem';
import { useSession } from '~/app/session';
import { toCredits, toMicro } from '~/domain/money';
import { Money } from '~/ui/basics';
import { ErrorNote } from '~/ui/states';

/** How much is missing, and the way to the one who can put it in. */
export function InsufficientFunds({ refusal, participant }: { refusal: Problem; participant: string }) {
  const { personas, become, who } = useSession();
  const navigate = useNavigate();
  const { needed, available } = refusal.details as { needed?: number; available?: number };
  const missing = needed === undefined || available === undefined ? 0 : toCredits(toMicro(needed) - toMicro(available));
  const operator = who.role === 'operator' || personas.some(({ role }) => role === 'operator');
  return (
    <ErrorNote error={refusal}>
      {needed !== undefined && available !== undefined && (
        <div>
          The contract costs <Money credits={needed} />; {participant} has <Money credits={available} />. Missing:{' '}
          <Money credits={missing} />.
        </div>
      )}
      {operator && (
        <Button
          size="xs"
          variant="default"
          mt={8}
          onClick={async () => {
            if (who.role !== 'operator') await become('operator');
            await navigate(`/accounts?participant=${encodeURIComponent(participant)}&amount=${missing}`);
          }}
        >
          Deposit as operator
        </Button>
      )}
    </ErrorNote>
  );
}
