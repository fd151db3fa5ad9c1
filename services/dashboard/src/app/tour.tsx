/** The guided loop in this browser: when it began, what was read, and whether it is wanted. */
import { useMemo, useSyncExternalStore } from 'react';
import { useNewestContracts, useNewestIntents, useNewestOffers, useSummary } from '~/api/queries';
import { nextStep, stepsOf, type TourStep } from '~/domain/tour';

interface Stored {
  since: number;
  read: string[];
  hidden: boolean;
}

const KEY = 'oe.tour';
const watchers = new Set<() => void>();
let stored: Stored | null = load();

function load(): Stored | null {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? 'null') as Stored | null;
  } catch {
    return null;
  }
}

function store(next: Stored): void {
  stored = next;
  localStorage.setItem(KEY, JSON.stringify(next));
  for (const changed of watchers) changed();
}

function watch(changed: () => void): () => void {
  watchers.add(changed);
  return () => watchers.delete(changed);
}

export function markRead(contractId: string): void {
  if (stored !== null && !stored.read.includes(contractId))
    store({ ...stored, read: [...stored.read, contractId].slice(-20) });
}

export interface Tour {
  steps: readonly TourStep[];
  next: TourStep | undefined;
  ready: boolean;
  hidden: boolean;
  restart: () => void;
  hide: (hidden: boolean) => void;
}

export function useTour(): Tour {
  const state = useSyncExternalStore(watch, () => stored);
  const offers = useNewestOffers();
  const intents = useNewestIntents();
  const contracts = useNewestContracts();
  const summary = useSummary();
  const clock = summary.data?.as_of;
  if (state === null && clock !== undefined) {
    // The exchange's own clock: what was there before this visit belongs to somebody else's try.
    queueMicrotask(() => stored ?? store({ since: clock, read: [], hidden: false }));
  }
  const steps = useMemo(
    () =>
      stepsOf({
        since: state?.since ?? Number.POSITIVE_INFINITY,
        offers: offers.data?.offers ?? [],
        intents: intents.data?.round_intents ?? [],
        contracts: contracts.data?.contracts ?? [],
        read: state?.read ?? [],
      }),
    [state, offers.data, intents.data, contracts.data],
  );
  return {
    steps,
    next: nextStep(steps),
    ready: state !== null && offers.data !== undefined && intents.data !== undefined && contracts.data !== undefined,
    hidden: state?.hidden ?? false,
    restart: () => {
      void summary.refetch().then(({ data }) => {
        // One second on: what was made in the second of the reset still belongs to the try before.
        const now = (data?.as_of ?? Math.floor(Date.now() / 1000)) + 1;
        store({ since: now, read: [], hidden: false });
      });
    },
    hide: (hidden) => {
      if (stored !== null) store({ ...stored, hidden });
    },
  };
}
