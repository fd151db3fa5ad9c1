import { NumberInput, Stack } from '@mantine/core';
import type { Contract } from '~/api/queries';
import { type Amounts, backOf } from '~/domain/shares';
import { Money } from '~/ui/basics';

/** What each provider gets of the held money, and what is left for the buyer. */
export function AmountFields({
  contract,
  amounts,
  change,
  placeholder,
}: {
  contract: Contract;
  amounts: Amounts;
  change: (amounts: Amounts) => void;
  /** What an empty field stands for; without one, for 0. */
  placeholder?: string;
}) {
  const empty = placeholder === undefined ? 0 : '';
  const back = backOf(contract.escrow_total, amounts);
  return (
    <Stack gap="xs" mt="sm">
      {contract.selected_offers.map(({ offer_id, seller_node_id }) => (
        <NumberInput
          key={offer_id}
          label={seller_node_id}
          min={0}
          suffix=" credits"
          placeholder={placeholder}
          value={amounts[offer_id] ?? empty}
          onChange={(value) => change({ ...amounts, [offer_id]: value === '' ? empty : Number(value) || 0 })}
        />
      ))}
      {back !== null && (
        <span style={{ fontSize: 13, color: back < 0 ? 'var(--bad)' : 'var(--text-2)' }}>
          {back < 0 ? 'More than is held: ' : `Back to ${contract.model_owner_id}: `}
          <Money credits={back} />
        </span>
      )}
    </Stack>
  );
}
