import type { Contract, Settlement } from '~/api/queries';
import { useSettlement } from '~/api/queries';
import { type Part, partsOf, whereNow } from '~/domain/escrow';
import { formatCredits, sum } from '~/domain/money';
import { SETTLED_BY } from '~/domain/settlement';
import { Money, Time } from '~/ui/basics';
import { Panel } from '~/ui/layout';
import { Answer, Loading, Note } from '~/ui/states';
import ui from '~/ui/ui.module.css';
import css from './contracts.module.css';

const PROVIDERS = ['var(--bar-quality)', 'var(--bar-cost)', 'var(--bar-trust)'];
const COLORS = { fee: 'var(--warn)', buyer: 'var(--text-3)', escrow: 'var(--info)' } as const;

/** Where each credit of the contract is, and where a release now would put it. */
export function EscrowPicture({ contract }: { contract: Contract }) {
  const now = whereNow(contract);
  if (now.length === 0) return null;
  const by = contract.settled_by === null ? null : SETTLED_BY[contract.settled_by];
  return (
    <Panel title="Where the money is" hint={by === null ? undefined : `Shared ${by.label.toLowerCase()}. ${by.means}`}>
      <Shares parts={now} />
      {contract.escrow_status === 'locked' && (
        <div style={{ marginTop: 16 }}>
          <ReleasePreview contract={contract} />
        </div>
      )}
    </Panel>
  );
}

/** What a release now would do, asked of the escrow itself. */
export function ReleasePreview({ contract }: { contract: Contract }) {
  const settlement = useSettlement(contract.contract_id);
  return (
    <Answer query={settlement} loading={<Loading rows={3} height={18} />}>
      {(data) => <Preview settlement={data} contract={contract} />}
    </Answer>
  );
}

function Preview({ settlement, contract }: { settlement: Settlement; contract: Contract }) {
  const { state, early, fallback, settled_by, settle_at } = settlement;
  return (
    <div data-testid="settlement">
      <p className={css.entryText} style={{ margin: '0 0 8px' }}>
        {sentence(state, early)} {settled_by !== null && !early && SETTLED_BY[settled_by].means}
        {state === 'held' && settle_at !== null && (
          <>
            {' '}
            It is released by itself <Time ts={settle_at} />.
          </>
        )}
      </p>
      {fallback !== '' && (
        <div style={{ marginBottom: 10 }}>
          <Note tone="warn" title="By delivery, not by contribution">
            Contribution was agreed, but {fallback}.
          </Note>
        </div>
      )}
      <Shares parts={partsOf(settlement, contract.model_owner_id)} />
    </div>
  );
}

function sentence(state: Settlement['state'], early: boolean): string {
  if (state !== 'held') return 'The money has moved already.';
  return early
    ? 'Training has not ended: a release now would pay every provider in full.'
    : 'A release now would share it like this.';
}

function Shares({ parts }: { parts: readonly Part[] }) {
  const total = sum(parts.map(({ credits }) => credits));
  const color = ({ kind }: Part, index: number) =>
    kind === 'provider' ? PROVIDERS[index % PROVIDERS.length] : COLORS[kind];
  const said = parts.map(({ label, credits }) => `${label} ${formatCredits(credits)}`).join(', ');
  return (
    <>
      <div className={ui.bars} role="img" aria-label={`Of ${formatCredits(total)} credits: ${said}`}>
        {total > 0 &&
          parts.map((part, index) => (
            <span
              key={part.key}
              style={{ width: `${(100 * part.credits) / total}%`, background: color(part, index) }}
            />
          ))}
      </div>
      <dl className={css.shares}>
        {parts.map((part, index) => (
          <div key={part.key} data-part={part.kind}>
            <dt>
              <span className={ui.swatch} style={{ background: color(part, index) }} aria-hidden />
              {part.label}
              {part.made_of && (
                <span className={css.entryText}>
                  {' '}
                  {formatCredits(part.made_of.base)} for the delivery, {formatCredits(part.made_of.bonus)} for the
                  contribution
                </span>
              )}
            </dt>
            <dd>
              <Money credits={part.credits} />
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}
