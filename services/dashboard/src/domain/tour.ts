/** The guided loop: six steps, each done when the exchange says so. Pure. */
import type { Role } from './guardrails';

export type StepId = 'offer' | 'intent' | 'match' | 'train' | 'release' | 'read';

export interface TourFacts {
  /** Unix seconds by the exchange's clock: what happened before belongs to an earlier try. */
  since: number;
  offers: readonly { offer_id: string; status: string; created_at: number }[];
  intents: readonly { round_intent_id: string; status: string; created_at: number }[];
  contracts: readonly {
    contract_id: string;
    round_intent_id: string;
    escrow_status: string;
    created_at: number;
    timeline: readonly { event: string }[];
  }[];
  /** Contracts whose timeline was read, and found sound, in this browser. */
  read: readonly string[];
}

export interface TourStep {
  id: StepId;
  role: Role;
  title: string;
  text: string;
  /** What the button says. */
  action: string;
  /** Where the button leads. */
  to: string;
  done: boolean;
  /** Under way: the next fact arrives by itself. */
  busy: boolean;
  /** The page of what the step has made. */
  made: string | null;
}

export function stepsOf(facts: TourFacts): TourStep[] {
  const fresh = <T extends { created_at: number }>(rows: readonly T[]) =>
    rows.filter((row) => row.created_at >= facts.since);
  const offer = fresh(facts.offers).find((row) => row.status === 'active');
  const contract = fresh(facts.contracts).find((row) => row.escrow_status !== 'rejected');
  const intents = fresh(facts.intents).filter(
    (row) => row.status === 'open' || row.status === 'matched' || row.status === 'closed',
  );
  const intent = intents.find((row) => row.round_intent_id === contract?.round_intent_id) ?? intents[0];
  const has = (event: string) => contract?.timeline.some((entry) => entry.event === event) ?? false;
  const last = (...events: string[]) => contract?.timeline.findLast((entry) => events.includes(entry.event))?.event;
  const contractPage = contract ? `/contracts/${contract.contract_id}` : '/contracts';
  const training = last('bound_to_round', 'training_completed', 'training_failed') === 'bound_to_round';
  return [
    {
      id: 'offer',
      role: 'provider',
      title: 'Offer data',
      text: 'A clinic puts the right to train on its dataset on the market. The data itself never leaves it.',
      action: 'Offer a dataset',
      to: '/offers/new?example=1',
      done: offer !== undefined || intent !== undefined,
      busy: false,
      made: offer ? `/offers/${offer.offer_id}` : null,
    },
    {
      id: 'intent',
      role: 'model_owner',
      title: 'Say what you want to buy',
      text: 'A model owner names a task, a budget and a number of rounds, and sees beside the form what would match.',
      action: 'Open an intent',
      to: '/intents/new?example=1',
      done: intent !== undefined,
      busy: false,
      made: intent ? `/intents/${intent.round_intent_id}` : null,
    },
    {
      id: 'match',
      role: 'model_owner',
      title: 'Match a contract',
      text: 'The exchange binds the best affordable offers and locks the price in escrow. No funds, no round.',
      action: 'Match it',
      to: intent ? `/intents/${intent.round_intent_id}` : '/intents',
      done: contract !== undefined && contract.escrow_status !== 'pending',
      busy: contract?.escrow_status === 'pending',
      made: contract ? contractPage : null,
    },
    {
      id: 'train',
      role: 'model_owner',
      title: 'Train',
      text: 'Flower trains on the contract’s nodes and on no others. Every round’s accuracy and loss is measured.',
      action: training ? 'Watch the rounds' : 'Start training',
      to: contractPage,
      done: has('training_completed'),
      busy: training,
      made: null,
    },
    {
      id: 'release',
      role: 'model_owner',
      title: 'Release the escrow',
      text: 'Each provider is paid for the rounds that it delivered, the rest comes back. Money moves once.',
      action: 'Release the escrow',
      to: contractPage,
      done: has('escrow_released'),
      busy: false,
      made: null,
    },
    {
      id: 'read',
      role: 'operator',
      title: 'Read the timeline and the metrics',
      text: 'Who did what and when, each entry sealed by the one before. Your browser checks every hash itself.',
      action: 'Read the timeline',
      to: contract ? `${contractPage}?read=1` : '/contracts',
      done: has('escrow_released') && contract !== undefined && facts.read.includes(contract.contract_id),
      busy: false,
      made: null,
    },
  ];
}

/** The first step that is not done; undefined at the end of the loop. */
export function nextStep(steps: readonly TourStep[]): TourStep | undefined {
  return steps.find((step) => !step.done);
}
