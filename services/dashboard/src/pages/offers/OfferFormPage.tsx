import { Button, Group, NativeSelect, NumberInput, Stack, TagsInput, Textarea, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router';
import { api, type Schemas, unwrap } from '~/api/client';
import { type Offer, useNewestOffers, useNodes, useOffer } from '~/api/queries';
import { useSession } from '~/app/session';
import { ATTESTATION, OFFER } from '~/domain/states';
import { useForm } from '~/ui/form';
import { PageHead, Panel } from '~/ui/layout';
import { NeedsRole } from '~/ui/NeedsRole';
import { Answer, ErrorNote, Loading } from '~/ui/states';
import { MeasuredFacts } from './MeasuredFacts';
import css from './offers.module.css';

type Node = Schemas['NodeOut'];
type Values = Required<
  Omit<
    Schemas['OfferIn'],
    | 'price_per_round'
    | 'quality_score'
    | 'sample_count'
    | 'min_rounds'
    | 'min_payout_share'
    | 'expires_at'
    | 'measurements'
  >
> & {
  price_per_round: number | string;
  quality_score: number | string;
  sample_count: number | string;
  min_rounds: number | string;
  min_payout_share: number | string;
  expires_at: number;
};

const BLANK: Values = {
  seller_node_id: '',
  dataset_fingerprint: '',
  title: '',
  description: '',
  modality: 'tabular',
  label_schema: '',
  sample_count: 0,
  quality_score: 0.5,
  privacy_profile: '',
  allowed_tasks: [],
  attestation_status: 'unknown',
  price_per_round: '',
  min_rounds: 1,
  min_payout_share: 0,
  expires_at: 0,
  status: 'active',
};

/** What a node measured, as an offer declares it. */
function measuredBy(node: Node): Partial<Values> {
  return {
    seller_node_id: node.seller_node_id,
    dataset_fingerprint: node.dataset_fingerprint,
    sample_count: node.sample_count,
    modality: node.modality,
    allowed_tasks: node.tasks,
  };
}

function exampleOf(node: Node | undefined): Partial<Values> {
  if (node === undefined) return {};
  return {
    ...measuredBy(node),
    title: `Handwritten digits of ${node.name}`,
    description: 'Grey-scale scans of handwritten digits, 8 × 8 pixels, one label from 0 to 9 each.',
    quality_score: 0.8,
    attestation_status: 'verified',
    price_per_round: 2.5,
  };
}

export default function OfferFormPage() {
  const { offerId } = useParams();
  return offerId === undefined ? <NewOffer /> : <EditOffer offerId={offerId} />;
}

function NewOffer() {
  const [params] = useSearchParams();
  const { who } = useSession();
  const nodes = useNodes();
  const offers = useNewestOffers();
  return (
    <>
      <PageHead
        title="New offer"
        crumbs={[{ to: '/offers', label: 'Offers' }]}
        hint="Names a dataset that may be trained on. The data stays where it is; only what you write here is shown."
      />
      <NeedsRole needs="provider" />
      <Answer query={nodes} loading={<Loading rows={8} height={32} />}>
        {({ nodes: known }) => {
          if (offers.data === undefined && offers.error === null) return <Loading rows={8} height={32} />;
          const offered = new Set(
            offers.data?.offers.filter(({ status }) => status === 'active').map((row) => row.dataset_fingerprint),
          );
          // The example takes a dataset that nobody offers yet, so that a second try adds a second provider.
          const example = known.find((node) => node.online && !offered.has(node.dataset_fingerprint)) ?? known[0];
          const start = params.has('example')
            ? exampleOf(example)
            : { seller_node_id: who.role === 'provider' ? who.participant : '' };
          return <OfferForm key={who.role} initial={{ ...BLANK, ...start }} nodes={known} />;
        }}
      </Answer>
    </>
  );
}

function EditOffer({ offerId }: { offerId: string }) {
  const offer = useOffer(offerId);
  const nodes = useNodes();
  return (
    <>
      <PageHead
        title="Edit offer"
        crumbs={[
          { to: '/offers', label: 'Offers' },
          { to: `/offers/${offerId}`, label: offer.data?.title || offerId },
        ]}
        hint="Its version rises by one. Contracts keep the version that they were made with."
      />
      <NeedsRole needs="provider" />
      <Answer query={offer} loading={<Loading rows={8} height={32} />}>
        {(data) => <OfferForm initial={valuesOf(data)} nodes={nodes.data?.nodes ?? []} offer={data} />}
      </Answer>
    </>
  );
}

function valuesOf(offer: Offer): Values {
  const known = Object.fromEntries(Object.keys(BLANK).map((name) => [name, offer[name as keyof Offer]]));
  return { ...BLANK, ...known };
}

function OfferForm({ initial, nodes, offer }: { initial: Values; nodes: readonly Node[]; offer?: Offer }) {
  const form = useForm<Values>('OfferIn', initial);
  const { values, set, setAll, field } = form;
  const navigate = useNavigate();
  const client = useQueryClient();
  const { who } = useSession();
  const node = nodes.find((known) => known.seller_node_id === values.seller_node_id);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    void form.submit(async () => {
      const numbers = {
        price_per_round: Number(values.price_per_round),
        quality_score: Number(values.quality_score),
        sample_count: Number(values.sample_count),
        min_rounds: Number(values.min_rounds),
        min_payout_share: Number(values.min_payout_share),
      };
      const { seller_node_id, dataset_fingerprint, ...changeable } = { ...values, ...numbers };
      const saved = await unwrap(
        offer === undefined
          ? api.POST('/marketplace/offers', { body: { seller_node_id, dataset_fingerprint, ...changeable } })
          : api.PATCH('/marketplace/offers/{offer_id}', {
              params: { path: { offer_id: offer.offer_id } },
              body: changeable,
            }),
      );
      await client.invalidateQueries({ queryKey: ['offers'] });
      notifications.show({
        message: offer ? 'The offer is changed.' : 'The offer is on the market: it is in the next match.',
        color: 'teal',
      });
      void navigate(`/offers/${saved.offer_id}`);
    });
  };

  return (
    <form onSubmit={submit} noValidate className={css.form}>
      <Panel title="What is offered">
        <Stack gap="md">
          {offer === undefined && nodes.length > 0 && (
            <NativeSelect
              label="Take what a node measured"
              description="Fills in seller, fingerprint, samples and modality from a registered provider node."
              value={node?.dataset_fingerprint === values.dataset_fingerprint ? (node?.node_id ?? '') : ''}
              onChange={(event) => {
                const chosen = nodes.find(({ node_id }) => node_id === event.currentTarget.value);
                if (chosen) setAll(measuredBy(chosen));
              }}
              data={[
                { value: '', label: 'Choose a node, or fill in by hand' },
                ...nodes.map((known) => ({
                  value: known.node_id,
                  label: `${known.name} (${known.sample_count} samples, ${known.modality})`,
                })),
              ]}
            />
          )}
          <div className={css.two}>
            <TextInput
              {...field('seller_node_id', 'Seller')}
              value={values.seller_node_id}
              onChange={(event) => set('seller_node_id', event.currentTarget.value)}
              disabled={offer !== undefined}
            />
            <TextInput
              {...field('dataset_fingerprint', 'Dataset fingerprint')}
              value={values.dataset_fingerprint}
              onChange={(event) => set('dataset_fingerprint', event.currentTarget.value)}
              disabled={offer !== undefined}
            />
          </div>
          <TextInput
            {...field('title', 'Title')}
            value={values.title}
            onChange={(event) => set('title', event.currentTarget.value)}
          />
          <Textarea
            {...field('description', 'Description')}
            autosize
            minRows={2}
            value={values.description}
            onChange={(event) => set('description', event.currentTarget.value)}
          />
          <div className={css.two}>
            <NumberInput
              {...field('price_per_round', 'Price per round')}
              value={values.price_per_round}
              onChange={(value) => set('price_per_round', value)}
              min={0}
              step={0.5}
              suffix=" credits"
              thousandSeparator=","
            />
            <NumberInput
              {...field('min_rounds', 'Least rounds')}
              value={values.min_rounds}
              onChange={(value) => set('min_rounds', value)}
              min={1}
              allowDecimal={false}
            />
            <NumberInput
              {...field('min_payout_share', 'Least share paid')}
              value={values.min_payout_share}
              onChange={(value) => set('min_payout_share', value)}
              min={0}
              max={1}
              step={0.05}
              decimalScale={6}
            />
            <NumberInput
              {...field('quality_score', 'Quality')}
              value={values.quality_score}
              onChange={(value) => set('quality_score', value)}
              step={0.05}
              decimalScale={6}
            />
            <NumberInput
              {...field('sample_count', 'Samples')}
              value={values.sample_count}
              onChange={(value) => set('sample_count', value)}
              min={0}
              allowDecimal={false}
              thousandSeparator=","
            />
            <TextInput
              {...field('modality', 'Modality')}
              value={values.modality}
              onChange={(event) => set('modality', event.currentTarget.value)}
            />
            <TagsInput
              {...field('allowed_tasks', 'Allowed tasks')}
              value={values.allowed_tasks}
              onChange={(tasks) => set('allowed_tasks', tasks)}
              placeholder={values.allowed_tasks.length === 0 ? 'any task' : ''}
              clearable={false}
            />
            <NativeSelect
              {...field('attestation_status', 'Attestation')}
              value={values.attestation_status}
              onChange={(event) => set('attestation_status', event.currentTarget.value as Values['attestation_status'])}
              data={Object.entries(ATTESTATION).map(([value, { label }]) => ({ value, label }))}
            />
            <NativeSelect
              {...field('status', 'Status')}
              description="Only active offers are matched."
              value={values.status}
              onChange={(event) => set('status', event.currentTarget.value as Values['status'])}
              data={Object.entries(OFFER).map(([value, { label }]) => ({ value, label }))}
            />
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
          {form.error !== null && <ErrorNote error={form.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" component={Link} to={offer ? `/offers/${offer.offer_id}` : '/offers'}>
              Cancel
            </Button>
            <Button type="submit" loading={form.busy} disabled={who.role !== 'provider' && who.role !== 'operator'}>
              {offer ? 'Save' : 'Publish the offer'}
            </Button>
          </Group>
        </Stack>
      </Panel>
      <div className={css.sticky}>
        <MeasuredFacts
          node={node}
          declared={{
            dataset_fingerprint: values.dataset_fingerprint,
            sample_count: Number(values.sample_count),
            modality: values.modality,
          }}
        />
      </div>
    </form>
  );
}
