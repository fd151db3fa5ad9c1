import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { api, unwrap } from '~/api/client';
import { type Offer, useNodes, useOffer } from '~/api/queries';
import { useSession } from '~/app/session';
import { type Gate, onlyFor } from '~/domain/guardrails';
import { ATTESTATION, OFFER } from '~/domain/states';
import { GateButton, useConfirm } from '~/ui/actions';
import { Id, Money, Status, Tag, Time } from '~/ui/basics';
import { Facts, PageHead, Panel } from '~/ui/layout';
import { Answer, Note } from '~/ui/states';
import { MeasuredFacts } from './MeasuredFacts';
import css from './offers.module.css';
import { WhyNot } from './WhyNot';

export default function OfferPage() {
  const { offerId = '' } = useParams();
  const offer = useOffer(offerId);
  return <Answer query={offer}>{(data) => <OfferView offer={data} />}</Answer>;
}

const CRUMBS = [{ to: '/offers', label: 'Offers' }];

function OfferView({ offer }: { offer: Offer }) {
  const { who } = useSession();
  const nodes = useNodes();
  const node = nodes.data?.nodes.find((known) => known.seller_node_id === offer.seller_node_id);
  return (
    <>
      <PageHead
        title={offer.title || offer.offer_id}
        crumbs={CRUMBS}
        hint={
          <span style={{ display: 'inline-flex', gap: 8, alignItems: 'center', flexWrap: 'wrap' }}>
            <Status map={OFFER} state={offer.status} />
            <Id id={offer.offer_id} what="offer id" />
            <span>
              version {offer.version}, changed <Time ts={offer.updated_at} />
            </span>
          </span>
        }
        actions={<Actions offer={offer} role={onlyFor(who.role, 'provider')} />}
      />
      {offer.warnings.map((warning) => (
        <div key={warning.code} style={{ marginBottom: 16 }}>
          <Note tone="warn" title={warning.message} />
        </div>
      ))}
      <div className={css.form}>
        <Panel
          title="Declared by the provider"
          hint="What a contract is made on. Contracts keep the version they were made with."
        >
          <Facts
            rows={[
              ['Price per round', <Money key="price" credits={offer.price_per_round} />],
              ['Seller', offer.seller_node_id],
              ['Modality', offer.modality],
              [
                'Quality',
                <span key="quality" className="num">
                  {offer.quality_score.toFixed(2)}
                </span>,
              ],
              [
                'Samples',
                <span key="samples" className="num">
                  {offer.sample_count.toLocaleString('en')}
                </span>,
              ],
              ['Attestation', <Status key="attestation" map={ATTESTATION} state={offer.attestation_status} />],
              [
                'Allowed tasks',
                offer.allowed_tasks.length === 0
                  ? 'any'
                  : offer.allowed_tasks.map((task) => <Tag key={task}>{task}</Tag>),
              ],
              [
                'Least rounds',
                <span key="rounds" className="num">
                  {offer.min_rounds}
                </span>,
              ],
              offer.min_payout_share > 0
                ? ['Least share paid', `${(100 * offer.min_payout_share).toLocaleString('en')} % of the price`]
                : null,
              ['Expires', offer.expires_at === 0 ? 'never' : <Time key="expires" ts={offer.expires_at} />],
              ['Privacy profile', offer.privacy_profile || 'none stated'],
              ['Label schema', offer.label_schema || 'none stated'],
              ['Fingerprint', <Id key="fingerprint" id={offer.dataset_fingerprint} what="fingerprint" />],
              offer.description === '' ? null : ['Description', offer.description],
            ]}
          />
        </Panel>
        <div className={css.sticky}>
          <MeasuredFacts
            node={node}
            declared={{
              dataset_fingerprint: offer.dataset_fingerprint,
              sample_count: offer.sample_count,
              modality: offer.modality,
            }}
          />
          <div style={{ marginTop: 20 }}>
            <WhyNot offer={offer} />
          </div>
        </div>
      </div>
    </>
  );
}

function Actions({ offer, role }: { offer: Offer; role: Gate }) {
  const client = useQueryClient();
  const { ask, dialog } = useConfirm();
  const move = async (status: 'active' | 'paused' | 'withdrawn') => {
    await unwrap(
      api.PATCH('/marketplace/offers/{offer_id}', { params: { path: { offer_id: offer.offer_id } }, body: { status } }),
    );
    await client.invalidateQueries({ queryKey: ['offers'] });
    notifications.show({ message: `The offer is ${status} now.`, color: 'teal' });
  };
  return (
    <>
      {offer.status === 'active' ? (
        <GateButton
          gate={role}
          variant="default"
          onClick={() =>
            ask({
              title: 'Pause this offer?',
              text: 'It is not matched while it is paused. Contracts that exist are not touched.',
              confirm: 'Pause',
              act: () => move('paused'),
            })
          }
        >
          Pause
        </GateButton>
      ) : (
        <GateButton
          gate={role}
          variant="default"
          onClick={() =>
            ask({
              title: 'Activate this offer?',
              text: 'It is in the next match.',
              confirm: 'Activate',
              act: () => move('active'),
            })
          }
        >
          Activate
        </GateButton>
      )}
      {role.allowed ? (
        <Button component={Link} to={`/offers/${offer.offer_id}/edit`}>
          Edit
        </Button>
      ) : (
        <GateButton gate={role} onClick={() => undefined}>
          Edit
        </GateButton>
      )}
      {dialog}
    </>
  );
}
