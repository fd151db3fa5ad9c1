import { type Run, useModelCard } from '~/api/queries';
import { useSession } from '~/app/session';
import { Dash, Id, Measured } from '~/ui/basics';
import { Facts, Panel } from '~/ui/layout';

const STRATEGIES: Readonly<Record<string, string>> = {
  fedavg: 'FedAvg',
  fedprox: 'FedProx',
  fedadam: 'FedAdam',
  trimmed_mean: 'Trimmed mean',
  krum: 'Krum',
};

/** Where the model comes from and what it may give away; for those who may have the model itself. */
export function ModelCard({ run }: { run: Run | undefined }) {
  const { who } = useSession();
  const may = who.role === 'model_owner' || who.role === 'operator';
  const { data: card } = useModelCard(may && run?.model_sha256 ? run : undefined);
  if (card === undefined) return null;
  const privacy = card.differential_privacy;
  return (
    <Panel title="Model card" hint="What goes with the model: the same facts as JSON at …/model_card.">
      <Facts
        rows={[
          ['Task', card.task_type],
          ['Strategy', STRATEGIES[card.strategy] ?? card.strategy],
          ['Accuracy', <Measured key="accuracy" value={card.accuracy} />],
          [
            'Measured by',
            card.measured_by === 'exchange' ? "the exchange's own samples" : 'providers, on held-out samples',
          ],
          ['Rounds', card.rounds.length],
          [
            'Privacy',
            privacy ? (
              <span
                key="privacy"
                className="num"
                title={`noise ${privacy.noise_multiplier}, clipped to ${privacy.clipping_norm}`}
              >
                ε {privacy.epsilon.toFixed(2)} at δ {privacy.delta.toExponential(0)}
              </span>
            ) : (
              <Dash key="privacy" />
            ),
          ],
          [
            'Goes on with',
            card.resumed_from ? <Id key="before" id={card.resumed_from} what="earlier run" /> : <Dash key="before" />,
          ],
          ['Model', <Id key="model" id={card.model_sha256} what="SHA-256 of the model" />],
          [
            'Code',
            card.bundle_sha256 ? (
              <Id key="code" id={card.bundle_sha256} what="SHA-256 of the bundle" />
            ) : (
              <Dash key="code" />
            ),
          ],
          ...card.providers.map(
            (provider) =>
              [
                provider.seller_node_id,
                <Id key={provider.offer_id} id={provider.dataset_fingerprint} what="dataset fingerprint" />,
              ] as const,
          ),
        ]}
      />
    </Panel>
  );
}
