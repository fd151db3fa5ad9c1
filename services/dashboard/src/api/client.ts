/**
 * The one way to the gateway: typed calls, and every refusal as a `Problem`. Who is signed in is the browser's own affair: the session is
 * in a cookie that no script can read.
 */
import createClient from 'openapi-fetch';
import { Problem } from './problem';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];

/** A reader is told soon that nothing comes; a change may have to wait for the money. */
const PATIENCE_MS = { read: 8_000, change: 40_000 };

/** A POST carries an Idempotency-Key, so that one whose answer was lost on the way is sent again without doing its work twice. */
async function send(request: Request): Promise<Response> {
  const again = request.method === 'POST' ? request.clone() : null;
  const patience = request.method === 'GET' ? PATIENCE_MS.read : PATIENCE_MS.change;
  const limit = () => ({ signal: AbortSignal.any([request.signal, AbortSignal.timeout(patience)]) });
  try {
    return await fetch(request, limit());
  } catch (error) {
    if (again === null || request.signal.aborted) throw error;
    await new Promise((resolve) => setTimeout(resolve, 800));
    return fetch(again, limit());
  }
}

function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export const api = createClient<paths>({ baseUrl: '/', fetch: send });

api.use({
  onRequest({ request }) {
    if (request.method === 'POST') request.headers.set('idempotency-key', newKey());
    return request;
  },
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The data of an answer. Throws a `Problem` for a refusal, and for a gateway that cannot be reached. */
export async function unwrap<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw error instanceof DOMException && error.name === 'TimeoutError' ? Problem.silent() : Problem.unreachable();
  }
  if (answer.response.ok) return answer.data as T;
  throw Problem.of(answer.error, answer.response);
}
