/** What may be done now, by whom, and if not: why. The server decides in the end; these say it before a click. */

export type Role = 'provider' | 'model_owner' | 'operator' | 'reviewer' | 'service';
export type Gate = { allowed: true } | { allowed: false; reason: string };

const YES: Gate = { allowed: true };
const no = (reason: string): Gate => ({ allowed: false, reason });

const NAMES: Readonly<Record<Role, string>> = {
  provider: 'a provider',
  model_owner: 'a model owner',
  operator: 'an operator',
  reviewer: 'a reviewer',
  service: 'a service',
};

/** Operators may do everything that some role may. */
export function onlyFor(role: Role, ...allowed: Role[]): Gate {
  if (role === 'operator' || allowed.includes(role)) return YES;
  const who = [...allowed, 'operator' as const]
    .filter((name, index, all) => all.indexOf(name) === index)
    .map((name) => NAMES[name]);
  return no(`Only ${who.join(' or ')} may do this; you act as ${NAMES[role]}.`);
}

/** The first gate that is closed, or an open one. */
function all(...gates: Gate[]): Gate {
  return gates.find((gate) => !gate.allowed) ?? YES;
}

function when(condition: boolean, reason: string): Gate {
  return condition ? YES : no(reason);
}

// --- contracts ---------------------------------------------------------------------------------------------------------
export interface ContractFacts {
  escrow_status: string;
  rounds: number;
  selected_offers: readonly { offer_id: string; rounds?: number | null }[];
  timeline: readonly { event: string; data: Readonly<Record<string, unknown>> }[];
  final_metrics: { model_sha256: string | null } | null;
}

export type ContractAction = 'trigger' | 'replace' | 'stop' | 'release' | 'part' | 'refund' | 'dispute' | 'download';

const RESOLVED: Readonly<Record<string, string>> = {
  pending: 'The escrow is not locked yet.',
  released: 'The escrow was already released: money moves once.',
  refunded: 'The escrow was already refunded: money moves once.',
  rejected: 'The escrow was rejected: there is nothing to move.',
};

/** Where training of a contract stands, read from its timeline. */
export function trainingOf(contract: ContractFacts): 'none' | 'active' | 'completed' | 'failed' {
  let state: 'none' | 'active' | 'completed' | 'failed' = 'none';
  for (const { event } of contract.timeline) {
    if (event === 'bound_to_round') state = 'active';
    if (event === 'training_completed') state = 'completed';
    if (event === 'training_failed') state = 'failed';
  }
  return state;
}

/** Rounds that each offer has delivered over all ended runs. */
export function deliveredBy(contract: ContractFacts): Map<string, number> {
  const done = new Map<string, number>();
  for (const { event, data } of contract.timeline) {
    if (event !== 'training_completed' && event !== 'training_failed') continue;
    for (const { offer_id, rounds_delivered } of (data.deliveries ?? []) as {
      offer_id: string;
      rounds_delivered: number;
    }[]) {
      done.set(offer_id, Math.min(contract.rounds, (done.get(offer_id) ?? 0) + rounds_delivered));
    }
  }
  return done;
}

export function contractGates(contract: ContractFacts, role: Role, disputed: boolean): Record<ContractAction, Gate> {
  const training = trainingOf(contract);
  const delivered = deliveredBy(contract);
  const complete = contract.selected_offers.every(
    ({ offer_id, rounds }) => (delivered.get(offer_id) ?? 0) >= (rounds ?? contract.rounds),
  );
  const anything = [...delivered.values()].some((rounds) => rounds > 0);
  const locked = when(
    contract.escrow_status === 'locked',
    RESOLVED[contract.escrow_status] ?? 'The escrow is not locked.',
  );
  const calm = when(!disputed, 'An open dispute freezes the escrow.');
  return {
    trigger: all(
      onlyFor(role, 'model_owner'),
      locked,
      when(training !== 'active', 'It is being trained already.'),
      when(training !== 'completed', 'All its rounds have been trained.'),
      when(!disputed, 'An open dispute keeps it from training.'),
    ),
    replace: all(
      onlyFor(role, 'model_owner'),
      locked,
      when(training === 'failed', 'A provider is replaced once a run has failed for it.'),
    ),
    stop: all(onlyFor(role, 'model_owner'), when(training === 'active', 'Nothing is being trained.')),
    release: all(
      onlyFor(role, 'model_owner', 'provider'),
      locked,
      calm,
      when(role !== 'provider' || complete, 'A provider may claim once every agreed round is delivered.'),
    ),
    part: all(
      onlyFor(role, 'model_owner'),
      locked,
      calm,
      when(training !== 'active', 'Training is in progress: stop it first.'),
    ),
    refund: all(
      onlyFor(role, 'model_owner'),
      locked,
      calm,
      when(training !== 'active', 'Training is in progress: stop it first.'),
      when(role === 'operator' || !anything, 'Providers have delivered rounds: only an operator may refund now.'),
    ),
    dispute: all(onlyFor(role, 'model_owner', 'provider'), when(!disputed, 'There is an open dispute already.')),
    download: all(
      onlyFor(role, 'model_owner'),
      when(typeof contract.final_metrics?.model_sha256 === 'string', 'There is no trained model yet.'),
    ),
  };
}

// --- intents -----------------------------------------------------------------------------------------------------------
export type IntentAction = 'match' | 'edit' | 'cancel' | 'close';

const WHY_NOT: Readonly<Record<IntentAction, Readonly<Record<string, string>>>> = {
  match: {
    matched: 'It is matched already: see its contract.',
    closed: 'It is closed.',
    cancelled: 'It was cancelled.',
    expired: 'Its deadline has passed.',
  },
  edit: {
    matched: 'It is bound into a contract, which keeps its terms.',
    closed: 'It is closed.',
    cancelled: 'It was cancelled.',
    expired: 'Its deadline has passed.',
  },
  cancel: {
    matched: 'A matched intent can be closed, not cancelled: its contract stands.',
    closed: 'It is closed already.',
    cancelled: 'It was cancelled already.',
    expired: 'Its deadline has passed: there is nothing to cancel.',
  },
  close: {
    open: 'Only a matched intent can be closed; an open one can be cancelled.',
    closed: 'It is closed already.',
    cancelled: 'It was cancelled.',
    expired: 'It expired without a match.',
  },
};

/** `allowed_transitions` is the server's own word on what a client may ask for. */
export function intentGates(
  intent: { status: string; allowed_transitions: readonly string[] },
  role: Role,
): Record<IntentAction, Gate> {
  const gate = (action: IntentAction, possible: boolean) =>
    all(
      onlyFor(role, 'model_owner'),
      when(possible, WHY_NOT[action][intent.status] ?? `Not while it is ${intent.status}.`),
    );
  return {
    match: gate('match', intent.status === 'open'),
    edit: gate('edit', intent.status === 'open'),
    cancel: gate('cancel', intent.allowed_transitions.includes('cancelled')),
    close: gate('close', intent.allowed_transitions.includes('closed')),
  };
}

// --- disputes ----------------------------------------------------------------------------------------------------------
export function isFreezing(status: string): boolean {
  return status === 'open' || status === 'under_review';
}

/** What an operator may make of a dispute. */
export function disputeMoves(status: string): readonly ('under_review' | 'resolved' | 'rejected')[] {
  if (status === 'open') return ['under_review'];
  return status === 'under_review' ? ['resolved', 'rejected'] : [];
}
