/** Who is looking: in a demonstration one of four personas, else the holder of the key that was given. */
import { notifications } from '@mantine/notifications';
import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef } from 'react';
import { api, type Schemas, unwrap } from '~/api/client';
import { Problem } from '~/api/problem';
import type { Role } from '~/domain/guardrails';

export interface Persona {
  role: Role;
  participant: string;
}

export interface Session {
  who: Persona;
  /** The personas to choose from; empty outside a demonstration. */
  personas: readonly Persona[];
  become: (role: Role) => Promise<void>;
  signOut: () => Promise<void>;
}

type State =
  | { state: 'loading' }
  | { state: 'unreachable'; problem: Problem; retry: () => void }
  | {
      state: 'signed-out';
      /** Whether the exchange's identity provider signs people in, too. */
      oidc: boolean;
      signIn: (key: string, participant: string, keep: boolean) => Promise<void>;
    }
  | { state: 'signed-in'; session: Session };

type Found = { me: Schemas['Me'] | null; oidc: boolean; personas: readonly Schemas['Persona'][] };

const SessionContext = createContext<State>({ state: 'loading' });
const ASKED = ['session'];
/** For whom the holder of a role's key acts: a name, no secret. */
const ACTING_FOR = 'oe.acting-for';

/** Gives the key away for a cookie; from then on the browser holds the session, and this page nothing. */
function open(key: string, keep: boolean): Promise<Schemas['Me']> {
  const headers = { authorization: `Bearer ${key}` };
  return unwrap(api.POST('/session', { headers, body: { keep } }));
}

async function find(signal: AbortSignal): Promise<Found> {
  const { demo, oidc, me } = await unwrap(api.GET('/session', { signal }));
  const personas = demo ? (await unwrap(api.GET('/session/demo', { signal }))).personas : [];
  const [first] = personas;
  return { personas, oidc, me: me ?? (first === undefined ? null : await open(first.key, true)) };
}

function sayWhy(error: unknown): void {
  notifications.show({ color: 'red', title: 'You act as before', message: Problem.from(error).message });
}

const isPage = ({ queryKey }: { queryKey: readonly unknown[] }) => queryKey[0] !== ASKED[0];

export function SessionProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const asked = useQuery({
    queryKey: ASKED,
    staleTime: Number.POSITIVE_INFINITY,
    retry: (count, error) => Problem.from(error).passing && count < 3,
    queryFn: ({ signal }) => find(signal),
  });
  const tell = useOtherTabs(client);
  useEndedSession(client);

  const me = asked.data?.me ?? null;
  const before = useRef(me?.key_id);
  useEffect(() => {
    if (before.current === me?.key_id) return;
    before.current = me?.key_id;
    // Only now does every query know whether the new holder may ask it at all.
    void client.invalidateQueries({ predicate: isPage });
  }, [me?.key_id, client]);

  const take = useCallback(
    (next: Schemas['Me'] | null) => {
      client.setQueryData<Found>(ASKED, (found) => found && { ...found, me: next });
      tell();
    },
    [client, tell],
  );
  const personas = asked.data?.personas;
  const become = useCallback(
    async (role: Role) => {
      const persona = personas?.find((one) => one.role === role);
      if (persona === undefined) return;
      await open(persona.key, true).then(take, sayWhy);
    },
    [personas, take],
  );
  const signOut = useCallback(async () => {
    try {
      await unwrap(api.DELETE('/session'));
    } catch (error) {
      if (Problem.from(error).status !== 401) return sayWhy(error);
    }
    localStorage.removeItem(ACTING_FOR);
    take(null);
    client.removeQueries({ predicate: isPage });
  }, [client, take]);
  const signIn = useCallback(
    async (key: string, participant: string, keep: boolean) => {
      const holder = await open(key, keep);
      localStorage.setItem(ACTING_FOR, participant);
      take(holder);
    },
    [take],
  );

  const value = useMemo((): State => {
    if (asked.data === undefined) {
      if (!asked.isError) return { state: 'loading' };
      return { state: 'unreachable', problem: Problem.from(asked.error), retry: () => void asked.refetch() };
    }
    const { me: holder, oidc, personas: known } = asked.data;
    if (holder === null) return { state: 'signed-out', oidc, signIn };
    const named = known.find(({ role }) => role === holder.role)?.participant ?? localStorage.getItem(ACTING_FOR) ?? '';
    const who = { role: holder.role, participant: holder.participant ?? named };
    return { state: 'signed-in', session: { who, personas: known, become, signOut } };
  }, [asked, become, signOut, signIn]);

  return <SessionContext value={value}>{children}</SessionContext>;
}

/** The cookie is the browser's: who signs in, out or on as somebody else in one tab does so in all of them. */
function useOtherTabs(client: QueryClient): () => void {
  const channel = useRef<BroadcastChannel | null>(null);
  useEffect(() => {
    const opened = new BroadcastChannel('oe.session');
    opened.onmessage = () => void client.invalidateQueries({ queryKey: ASKED });
    channel.current = opened;
    return () => opened.close();
  }, [client]);
  return useCallback(() => channel.current?.postMessage('changed'), []);
}

/** Asks who is signed in as soon as a page is told that nobody is: the session may have ended, or its key. */
function useEndedSession(client: QueryClient): void {
  useEffect(
    () =>
      client.getQueryCache().subscribe(({ type, query }) => {
        if (type !== 'updated' || !isPage(query) || query.state.status !== 'error') return;
        if (Problem.from(query.state.error).status === 401) void client.invalidateQueries({ queryKey: ASKED });
      }),
    [client],
  );
}

export function useSessionState(): State {
  return useContext(SessionContext);
}

/** The session, for pages that are only shown to somebody who is signed in. */
export function useSession(): Session {
  const value = useContext(SessionContext);
  if (value.state !== 'signed-in') throw new Error('nobody is signed in');
  return value.session;
}
