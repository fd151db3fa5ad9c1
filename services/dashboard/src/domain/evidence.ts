/** Checks a contract's evidence in the browser, as `python -m shared.verify` does offline: the signature, and each part's digest. */
import { canonical, digest, type Sealed, verify as verifyTimeline } from './chain';

export type EvidenceVerdict =
  | { state: 'sound'; parts: number }
  | { state: 'broken'; where: string; what: string }
  | { state: 'unable'; reason: string };

export interface PublicKey {
  kid?: string;
  kty?: string;
  crv?: string;
  x?: string;
}

type Json = Record<string, unknown>;

const SIGNED = 'open-ecosystem evidence 1\n';
const escaped = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1');
const broken = (where: string, what: string): EvidenceVerdict => ({ state: 'broken', where, what });

function childrenOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

/** The first part that is not as the manifest says, by its JSON pointer; null where all are. */
async function firstChange(parts: Json, manifest: Record<string, string>): Promise<EvidenceVerdict | null> {
  const inside = new Set(['']);
  for (const pointer of Object.keys(manifest)) {
    for (let at = pointer.indexOf('/', 1); at > 0; at = pointer.indexOf('/', at + 1)) inside.add(pointer.slice(0, at));
  }
  const seen = new Set<string>();
  async function walk(value: unknown, pointer: string): Promise<EvidenceVerdict | null> {
    const wanted = manifest[pointer];
    if (wanted !== undefined) {
      seen.add(pointer);
      return (await digest(canonical(value))) === wanted ? null : broken(pointer, 'is not what was signed');
    }
    const children = childrenOf(value);
    if (!inside.has(pointer) || children.length === 0) return broken(pointer || 'file', 'was not signed');
    for (const [name, child] of children) {
      const found = await walk(child, `${pointer}/${escaped(name)}`);
      if (found !== null) return found;
    }
    return null;
  }
  const changed = await walk(parts, '');
  const missing = Object.keys(manifest).find((pointer) => !seen.has(pointer));
  return changed ?? (missing === undefined ? null : broken(missing, 'is missing'));
}

async function isSigned(value: string, manifest: unknown, key: PublicKey): Promise<boolean> {
  const { kty, crv, x } = key;
  const imported = await crypto.subtle.importKey('jwk', { kty, crv, x }, { name: 'Ed25519' }, false, ['verify']);
  const bytes = new Uint8Array((value.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)));
  return crypto.subtle.verify('Ed25519', imported, bytes, new TextEncoder().encode(SIGNED + canonical(manifest)));
}

/** What is to be said of the text of a file, with the exchange's public keys. */
export async function verifyEvidence(text: string, keys: readonly PublicKey[]): Promise<EvidenceVerdict> {
  if (globalThis.crypto?.subtle === undefined) {
    return { state: 'unable', reason: 'The browser checks signatures only on localhost or over HTTPS.' };
  }
  let document: Json;
  try {
    document = JSON.parse(text) as Json;
  } catch {
    return broken('file', 'is no JSON document');
  }
  const { manifest, signature, ...parts } = document as Json & {
    manifest?: Record<string, string>;
    signature?: { alg?: string; kid?: string; value?: string };
  };
  if (manifest === undefined || typeof signature?.value !== 'string') {
    return broken('file', 'has no manifest or no signature');
  }
  const changed = await firstChange(parts, manifest);
  if (changed !== null) return changed;
  const key = keys.find(({ kid }) => kid === signature.kid);
  if (key === undefined) return broken('/signature/kid', 'names a key that is not this exchange’s');
  if (signature.alg !== 'Ed25519') return broken('/signature/alg', 'is not Ed25519');
  try {
    if (!/^[0-9a-f]{128}$/.test(signature.value) || !(await isSigned(signature.value, manifest, key))) {
      return broken('/signature/value', 'does not fit the manifest');
    }
  } catch {
    return { state: 'unable', reason: 'This browser has no Ed25519. Check the file with python -m shared.verify.' };
  }
  if (text.trimEnd() !== canonical(document)) return broken('file', 'is written otherwise than it was signed');
  const timeline = await verifyTimeline((parts.timeline as { events: Sealed[] } | undefined)?.events ?? []);
  if (timeline.state === 'broken') {
    return broken(`/timeline/events/${timeline.seq - 1}`, 'does not follow from the entry before');
  }
  return { state: 'sound', parts: Object.keys(manifest).length };
}
