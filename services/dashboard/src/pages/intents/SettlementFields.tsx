import { NativeSelect } from '@mantine/core';
import { RULE, SETTLEMENT } from '~/domain/settlement';
import type { Form } from '~/ui/form';
import css from './intents.module.css';
import { type Values, WINDOWS } from './values';

const options = (words: Readonly<Record<string, { label: string }>>) =>
  Object.entries(words).map(([value, { label }]) => ({ value, label }));

/** When the escrow is paid out, and how it is shared. */
export function SettlementFields({ form }: { form: Form<Values> }) {
  const { values, set, field } = form;
  return (
    <div className={css.two}>
      <NativeSelect
        {...field('settlement', 'Paid out')}
        description={SETTLEMENT[values.settlement].means}
        value={values.settlement}
        onChange={(event) => set('settlement', event.currentTarget.value as Values['settlement'])}
        data={options(SETTLEMENT)}
      />
      <NativeSelect
        {...field('settlement_rule', 'Shared')}
        description={RULE[values.settlement_rule].means}
        value={values.settlement_rule}
        onChange={(event) => set('settlement_rule', event.currentTarget.value as Values['settlement_rule'])}
        data={options(RULE)}
      />
      {values.settlement === 'auto' && (
        <NativeSelect
          label="Wait for a dispute"
          description="After a complete delivery, before the money moves."
          value={values.window}
          onChange={(event) => set('window', event.currentTarget.value)}
          data={WINDOWS}
        />
      )}
    </div>
  );
}
