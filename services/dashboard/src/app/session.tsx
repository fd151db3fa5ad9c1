/** Who is looking: in a demonstration one of four personas, else the holder of a key. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react';
import { api, setKey, unwrap } from '~/api/client';
import { Problem } from '~/api/problem';
import type { Role } from '~/domain/guardrails';

export interface Persona {
  role: Role;
  participant: string;
  key: string;
}

export interface Session {
  who: Persona;
  /** The personas to choose from; empty outside a demonstration. */
  personas: readonly Persona[];
  become: (role: Role) => void;
  signOut: () => void;
}

type State =
  | { state: 'loading' }
  | { state: 'unreachable'; problem: Problem; retry: () => void }
  | { state: 'signed-out'; signIn: (key: string, participant: string, keep: boolean) => Promise<void> }
  | { state: 'signed-in'; session: Session };

const SessionContext = createContext<State>({ state: 'loading' });
const PERSONA = 'oe.persona';
const SIGNED_IN = 'oe.signed-in';

function remembered(): Persona | null {
  try {
    const text = sessionStorage.getItem(SIGNED_IN) ?? localStorage.getItem(SIGNED_IN);
    return text === null ? null : (JSON.parse(text) as Persona);
  } catch {
    return null;
  }
}

function forget(): void {
  sessionStorage.removeItem(SIGNED_IN);
  localStorage.removeItem(SIGNED_IN);
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const demo = useQuery({
    queryKey: ['session', 'demo'],
    staleTime: Number.POSITIVE_INFINITY,
    retry: (count, error) => Problem.from(error).passing && count < 3,
    queryFn: async ({ signal }): Promise<Persona[]> => {
      const { demo: offered } = await unwrap(api.GET('/session', { signal }));
      return offered ? (await unwrap(api.GET('/session/demo', { signal }))).personas : [];
    },
  });
  const [role, setRole] = useState(() => localStorage.getItem(PERSONA) as Role | null);
  const [holder, setHolder] = useState(remembered);

  const become = useCallback((next: Role) => {
    localStorage.setItem(PERSONA, next);
    setRole(next);
  }, []);
  const before = useRef(role);
  useEffect(() => {
    if (before.current === role) return;
    before.current = role;
    // Not in `become`: only now does every query know whether the new persona may ask it at all.
    void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
  }, [role, client]);
  const signOut = useCallback(() => {
    forget();
    setHolder(null);
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
  }, [client]);
  const signIn = useCallback(async (key: string, participant: string, keep: boolean) => {
    setKey(key);
    try {
      const { role: known } = await unwrap(api.GET('/session/me'));
      const persona = { role: known, participant, key };
      (keep ? localStorage : sessionStorage).setItem(SIGNED_IN, JSON.stringify(persona));
      setHolder(persona);
    } catch (error) {
      setKey(null);
      throw error;
    }
  }, []);

  const value = useMemo((): State => {
    if (demo.isError)
      return { state: 'unreachable', problem: Problem.from(demo.error), retry: () => void demo.refetch() };
    if (demo.data === undefined) return { state: 'loading' };
    const personas = demo.data;
    const who = personas.find((persona) => persona.role === role) ?? personas[0] ?? holder;
    if (!who) return { state: 'signed-out', signIn };
    setKey(who.key);
    return { state: 'signed-in', session: { who, personas, become, signOut } };
  }, [demo, role, holder, become, signOut, signIn]);

  return <SessionContext value={value}>{children}</SessionContext>;
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
