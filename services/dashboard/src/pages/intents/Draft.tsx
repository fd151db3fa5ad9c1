import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api, type Schemas, unwrap } from '~/api/client';
import { useAccount } from '~/api/queries';
import { complaints } from '~/domain/fields';
import { Money } from '~/ui/basics';
import { Answer, Empty, Loading, Note } from '~/ui/states';
import { PreviewPanel } from './PreviewPanel';
import { policyOf, type Values } from './values';

/** What the intent that is being written would match. */
export function Draft({
  values,
  allowed,
  apply,
}: {
  values: Values;
  allowed: boolean;
  apply: (changes: Readonly<Record<string, unknown>>) => void;
}) {
  const [settled] = useDebouncedValue(values, 200);
  const { model_owner_id: _, ...policy } = policyOf(settled);
  const complete = Object.keys(complaints('IntentIn', policy)).length === 0;
  const draft = useQuery({
    queryKey: ['preview', 'draft', policy],
    enabled: allowed && complete,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      unwrap(
        api.POST('/marketplace/policy/draft', { body: { ...policy, max_offers: 3 } as Schemas['DraftIn'], signal }),
      ),
  });
  if (!allowed) return <Empty title="Only for model owners">Switch the role to see what would match.</Empty>;
  if (!complete && draft.data === undefined) {
    return (
      <Empty title="Name a task first">
        As soon as the form is complete, the best affordable set of offers stands here.
      </Empty>
    );
  }
  return (
    <Answer query={draft} loading={<Loading rows={6} />}>
      {({ preview }) => (
        <div style={{ opacity: complete ? 1 : 0.5, minHeight: 220 }} aria-live="polite">
          <PreviewPanel preview={preview} policy={policy} rounds={policy.rounds} apply={apply} />
        </div>
      )}
    </Answer>
  );
}

/** What the buyer has, so that nobody learns of an empty account only from a refusal. */
export function Balance({ participant, budget }: { participant: string; budget: number }) {
  const [name] = useDebouncedValue(participant.trim(), 300);
  const account = useAccount(name).data?.[0];
  if (account === undefined) return null;
  const short = budget > 0 && budget > account.available;
  return (
    <Note tone={short ? 'warn' : 'neutral'}>
      {name} has <Money credits={account.available} /> available and <Money credits={account.held} /> in escrow.
      {short && ' A contract for the whole budget could not be funded.'}
    </Note>
  );
}
