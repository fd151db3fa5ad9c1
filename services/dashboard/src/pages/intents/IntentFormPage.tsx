import {
  Accordion,
  Button,
  Group,
  NativeSelect,
  NumberInput,
  Slider,
  Stack,
  Switch,
  TagsInput,
  TextInput,
} from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { api, unwrap } from '~/api/client';
import { type Intent, useIntent } from '~/api/queries';
import { useSession } from '~/app/session';
import { onlyFor } from '~/domain/guardrails';
import { useForm } from '~/ui/form';
import { PageHead, Panel } from '~/ui/layout';
import { NeedsRole } from '~/ui/NeedsRole';
import { Answer, ErrorNote, Loading } from '~/ui/states';
import { Balance, Draft } from './Draft';
import css from './intents.module.css';
import { SettlementFields } from './SettlementFields';
import { BLANK, LASTS, STRATEGIES, termsOf, type Values } from './values';

const EXAMPLE: Partial<Values> = {
  task_type: 'classification',
  required_modalities: ['image'],
  min_quality_score: 0.5,
  budget_total: 30,
  rounds: 3,
};

export default function IntentFormPage() {
  const [params] = useSearchParams();
  const from = params.get('from');
  return (
    <>
      <PageHead
        title="New intent"
        crumbs={[{ to: '/intents', label: 'Intents' }]}
        hint="Say what you want to train and what it may cost. Beside the form stands what would match now; nothing is bound yet."
      />
      <NeedsRole needs="model_owner" />
      {from === null ? (
        <NewIntent example={params.has('example')} />
      ) : (
        <CopiedIntent intentId={from} changes={params.get('changes')} />
      )}
    </>
  );
}

function NewIntent({ example }: { example: boolean }) {
  const { who, personas } = useSession();
  const owner =
    who.role === 'model_owner'
      ? who.participant
      : (personas.find(({ role }) => role === 'model_owner')?.participant ?? '');
  return <IntentForm key={who.role} initial={{ ...BLANK, model_owner_id: owner, ...(example ? EXAMPLE : {}) }} />;
}

function CopiedIntent({ intentId, changes }: { intentId: string; changes: string | null }) {
  const intent = useIntent(intentId);
  return (
    <Answer query={intent} loading={<Loading rows={8} height={32} />}>
      {(data) => <IntentForm initial={{ ...valuesOf(data), ...(JSON.parse(changes ?? '{}') as Partial<Values>) }} />}
    </Answer>
  );
}

function valuesOf(intent: Intent): Values {
  return {
    ...BLANK,
    ...Object.fromEntries(
      Object.keys(BLANK).flatMap((name) => (name in intent ? [[name, intent[name as keyof Intent]]] : [])),
    ),
    settlement: intent.settlement ?? 'manual',
    window: intent.dispute_window_s === null ? '' : String(intent.dispute_window_s),
  };
}

function IntentForm({ initial }: { initial: Values }) {
  const form = useForm<Values>('IntentIn', initial);
  const { values, set, setAll, field } = form;
  const navigate = useNavigate();
  const client = useQueryClient();
  const { who } = useSession();
  const may = onlyFor(who.role, 'model_owner');

  const submit = (event: FormEvent) => {
    event.preventDefault();
    void form.submit(async () => {
      const made = await unwrap(
        api.POST('/marketplace/round_intents', {
          body: {
            ...termsOf(values),
            strategy: values.strategy,
            deadline_ts: Math.floor(Date.now() / 1000) + Number(values.lasts),
          },
        }),
      );
      await client.invalidateQueries({ queryKey: ['intents'] });
      notifications.show({ message: 'The intent is open. Match it when you like what you see.', color: 'teal' });
      void navigate(`/intents/${made.round_intent_id}`);
    });
  };

  return (
    <div className={css.split}>
      <form onSubmit={submit} noValidate>
        <Panel title="What you want to buy">
          <Stack gap="md">
            <div className={css.two}>
              <TextInput
                {...field('model_owner_id', 'Model owner')}
                value={values.model_owner_id}
                onChange={(event) => set('model_owner_id', event.currentTarget.value)}
              />
              <TextInput
                {...field('task_type', 'Task')}
                value={values.task_type}
                onChange={(event) => set('task_type', event.currentTarget.value)}
              />
              <NumberInput
                {...field('rounds', 'Rounds')}
                value={values.rounds}
                onChange={(value) => set('rounds', value)}
                min={1}
                allowDecimal={false}
              />
              <NumberInput
                {...field('budget_total', 'Budget')}
                value={values.budget_total}
                onChange={(value) => set('budget_total', value)}
                min={0}
                suffix=" credits"
                thousandSeparator=","
              />
            </div>
            <NativeSelect
              label="Open for"
              description="An intent that nobody matched until then expires."
              value={values.lasts}
              onChange={(event) => set('lasts', event.currentTarget.value)}
              data={LASTS}
            />
            <Balance participant={values.model_owner_id} budget={Number(values.budget_total)} />
            <TagsInput
              {...field('required_modalities', 'Modalities')}
              value={values.required_modalities}
              onChange={(names) => set('required_modalities', names)}
              placeholder={values.required_modalities.length === 0 ? 'any modality' : ''}
            />
            <div className={css.slider}>
              <NumberInput
                {...field('min_quality_score', 'Least quality')}
                value={values.min_quality_score}
                onChange={(value) => set('min_quality_score', value)}
                step={0.05}
                decimalScale={6}
              />
              <Slider
                mt={10}
                thumbLabel="Least quality"
                label={null}
                min={0}
                max={1}
                step={0.01}
                value={Number(values.min_quality_score) || 0}
                onChange={(value) => set('min_quality_score', value)}
                marks={[0, 0.25, 0.5, 0.75, 1].map((value) => ({ value, label: String(value) }))}
              />
            </div>
            <Accordion variant="contained" chevronPosition="left">
              <Accordion.Item value="more">
                <Accordion.Control>More conditions</Accordion.Control>
                <Accordion.Panel>
                  <Stack gap="md">
                    <div className={css.two}>
                      <NumberInput
                        {...field('min_providers', 'Least providers')}
                        value={values.min_providers}
                        onChange={(value) => set('min_providers', value)}
                        min={1}
                        allowDecimal={false}
                      />
                      <NumberInput
                        {...field('min_sample_count', 'Least samples')}
                        value={values.min_sample_count}
                        onChange={(value) => set('min_sample_count', value)}
                        min={0}
                        allowDecimal={false}
                        thousandSeparator=","
                      />
                    </div>
                    <div className={css.two}>
                      <TextInput
                        {...field('label_schema', 'Label schema')}
                        value={values.label_schema}
                        onChange={(event) => set('label_schema', event.currentTarget.value)}
                      />
                      <TextInput
                        {...field('privacy_profile', 'Privacy profile')}
                        value={values.privacy_profile}
                        onChange={(event) => set('privacy_profile', event.currentTarget.value)}
                      />
                    </div>
                    <TagsInput
                      {...field('excluded_sellers', 'Excluded sellers')}
                      value={values.excluded_sellers}
                      onChange={(names) => set('excluded_sellers', names)}
                    />
                    <TagsInput
                      {...field('preferred_sellers', 'Preferred sellers')}
                      value={values.preferred_sellers}
                      onChange={(names) => set('preferred_sellers', names)}
                    />
                    <NativeSelect
                      label="Strategy"
                      description="How the providers' updates become the next model. The last two bear a provider who lies."
                      value={values.strategy}
                      onChange={(event) => set('strategy', event.currentTarget.value as Values['strategy'])}
                      data={[...STRATEGIES]}
                    />
                    <Switch
                      label="Attestation required"
                      description="Only offers whose data somebody verified."
                      checked={values.attestation_required}
                      onChange={(event) => set('attestation_required', event.currentTarget.checked)}
                    />
                    <Switch
                      label="One offer per seller"
                      description="At most one offer of each seller in the contract."
                      checked={values.one_offer_per_seller}
                      onChange={(event) => set('one_offer_per_seller', event.currentTarget.checked)}
                    />
                    <Switch
                      {...field('pricing', 'Truthful pricing')}
                      description="An auction within the budget, one offer of each seller: nobody gains by asking for more than it wants, and you may pay more than is asked."
                      checked={values.pricing === 'truthful'}
                      onChange={(event) => set('pricing', event.currentTarget.checked ? 'truthful' : 'posted')}
                    />
                  </Stack>
                </Accordion.Panel>
              </Accordion.Item>
            </Accordion>
            <SettlementFields form={form} />
            {form.error !== null && <ErrorNote error={form.error} />}
            <Group justify="flex-end" gap="xs">
              <Button variant="default" component={Link} to="/intents">
                Cancel
              </Button>
              <Button type="submit" loading={form.busy} disabled={!may.allowed}>
                Open the intent
              </Button>
            </Group>
          </Stack>
        </Panel>
      </form>
      <div className={css.sticky}>
        <Panel title="What would match now" hint="Asked anew with every change. Nothing is written.">
          <Draft values={values} allowed={may.allowed} apply={(changes) => setAll(changes as Partial<Values>)} />
        </Panel>
      </div>
    </div>
  );
}
