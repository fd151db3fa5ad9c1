/** Keeps what is shown in step with the event feed. */
import { type QueryClient, type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { feed, type OpsEvent } from './feed';

/** Which answers a fact makes out of date. */
export function outdatedBy(event: Pick<OpsEvent, 'kind' | 'data'>): QueryKey[] {
  const [owner = '', fact = ''] = event.kind.split('.');
  if (owner === 'marketplace' && fact.startsWith('offer_')) return [['offers'], ['preview'], ['summary']];
  if (owner === 'marketplace' && fact.startsWith('intent_')) return [['intents'], ['summary']];
  if (fact === 'node_changed') return [['nodes'], ['summary']];
  if (owner === 'gateway') return [['access']];
  if (owner === 'dead_letter') return [['letters'], ['summary']];
  const keys: QueryKey[] = [['contracts'], ['summary'], ['intents']];
  if (owner === 'training') keys.push(['runs']);
  if (owner === 'escrow') keys.push(['accounts']);
  if (fact.startsWith('dispute_')) keys.push(['disputes']);
  return keys;
}

/**
 * A fact may reach this page before the services that listen to the same fact have taken it in, so what it makes out of date is asked
 * for again a little later.
 */
const AGAIN_MS = [50, 500, 2_000, 5_000, 15_000];

export function useLiveUpdates(enabled: boolean): void {
  const client = useQueryClient();
  useEffect(() => {
    if (!enabled) return;
    const waiting = new Map<string, ReturnType<typeof setTimeout>>();
    const soon = (key: QueryKey, delay: number) => {
      const id = `${delay} ${JSON.stringify(key)}`;
      if (waiting.has(id)) return;
      waiting.set(
        id,
        setTimeout(() => {
          waiting.delete(id);
          void client.invalidateQueries({ queryKey: key });
        }, delay),
      );
    };
    const stops = [
      feed.onEvent((event) => {
        for (const key of outdatedBy(event)) for (const delay of AGAIN_MS) soon(key, delay);
      }),
      feed.onJoin(() => void client.invalidateQueries({}, { cancelRefetch: false })),
      feed.start(),
      whileBroken(client),
    ];
    return () => {
      for (const stop of stops) stop();
      for (const timer of waiting.values()) clearTimeout(timer);
    };
  }, [client, enabled]);
}

/** Without the feed the page asks now and then. */
function whileBroken(client: QueryClient): () => void {
  const timer = setInterval(() => {
    if (feed.status === 'broken') void client.invalidateQueries({ refetchType: 'active' });
  }, 5_000);
  return () => clearInterval(timer);
}

export function useFeedStatus() {
  return useSyncExternalStore(feed.watch, () => feed.status);
}
