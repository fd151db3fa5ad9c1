/** Checks a contract's timeline in the browser: each entry's hash covers its content and the entry before (the server's rule). */

export interface Sealed {
  seq: number;
  ts: number;
  at: string;
  event: string;
  actor: string;
  data: unknown;
  prev_hash: string;
  hash: string;
}

export type Verdict =
  | { state: 'sound'; head: string }
  | { state: 'broken'; seq: number }
  | { state: 'unable'; reason: string };

const GENESIS = '0'.repeat(64);

/**
 * The text that is hashed (RFC 8785): keys sorted, no spaces, numbers as ECMAScript prints them. Written out by hand, because an object
 * that is rebuilt with its keys sorted would still put whole-number keys first.
 */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

export async function digest(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function sealOf({ hash: _, ...rest }: Sealed): Promise<string> {
  const { seq, ts, at, event, actor, data, prev_hash } = rest;
  return digest(canonical({ seq, ts, at, event, actor, data, prev_hash }));
}

/** The first entry that was changed, moved or removed, or that there is none. */
export async function verify(events: readonly Sealed[]): Promise<Verdict> {
  if (globalThis.crypto?.subtle === undefined) {
    return { state: 'unable', reason: 'The browser computes hashes only on localhost or over HTTPS.' };
  }
  let previous = GENESIS;
  for (const [index, event] of events.entries()) {
    if (event.seq !== index + 1 || event.prev_hash !== previous || (await sealOf(event)) !== event.hash) {
      return { state: 'broken', seq: index + 1 };
    }
    previous = event.hash;
  }
  return { state: 'sound', head: previous };
}
