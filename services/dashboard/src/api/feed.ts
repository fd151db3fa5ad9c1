/**
 * The event feed (server-sent events). One connection for the whole page; it resumes after the last event that it has seen, and says
 * how it is. Read with fetch, because EventSource neither tells a refusal from a broken line nor takes `Last-Event-ID` along.
 */
import { createParser } from 'eventsource-parser';
import type { Schemas } from './client';

export type FeedStatus = 'connecting' | 'live' | 'broken';
export type OpsEvent = Schemas['OperationEvent'];

/** The gateway sends a comment every 10 s; a line that stays silent for longer is dead. */
const SILENCE_MS = 25_000;
const LONGEST_PAUSE_MS = 8_000;

type Listener = (event: OpsEvent) => void;

export class Feed {
  status: FeedStatus = 'connecting';
  private lastId: string | null = null;
  private readonly listeners = new Set<Listener>();
  private readonly watchers = new Set<() => void>();
  private readonly joined = new Set<() => void>();
  private running: AbortController | null = null;
  private hurry: (() => void) | null = null;

  onEvent(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Called whenever the feed begins: what was read before may be older than it looks. */
  onJoin(listener: () => void): () => void {
    this.joined.add(listener);
    return () => this.joined.delete(listener);
  }

  watch = (changed: () => void): (() => void) => {
    this.watchers.add(changed);
    return () => this.watchers.delete(changed);
  };

  start(): () => void {
    const running = new AbortController();
    this.running?.abort();
    this.running = running;
    void this.keepUp(running.signal);
    const soon = () => this.hurry?.();
    window.addEventListener('online', soon);
    return () => {
      running.abort();
      window.removeEventListener('online', soon);
    };
  }

  private say(status: FeedStatus): void {
    if (this.status === status) return;
    this.status = status;
    for (const changed of this.watchers) changed();
    if (status === 'live') for (const listener of this.joined) listener();
  }

  private async keepUp(stop: AbortSignal): Promise<void> {
    for (let pause = 500; !stop.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        await this.listen(stop, () => {
          pause = 500;
        });
      } catch {
        // Whatever broke it: the next turn tries again.
      }
      if (stop.aborted) return;
      this.say('broken');
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pause);
        this.hurry = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.hurry = null;
    }
  }

  private async listen(stop: AbortSignal, joined: () => void): Promise<void> {
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), SILENCE_MS);
    try {
      const response = await fetch('/ops/events', {
        headers: {
          accept: 'text/event-stream',
          ...(this.lastId === null ? {} : { 'last-event-id': this.lastId }),
        },
        signal: AbortSignal.any([stop, silence.signal]),
      });
      if (!response.ok || response.body === null) throw new Error(`the feed answered ${response.status}`);
      const parser = createParser({ onEvent: ({ id, data }) => this.heard(id, data) });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      joined();
      this.say('live');
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), SILENCE_MS);
        parser.feed(value);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  private heard(id: string | undefined, data: string): void {
    if (id !== undefined) this.lastId = id;
    const event = JSON.parse(data) as OpsEvent;
    for (const listener of this.listeners) listener(event);
  }
}

export const feed = new Feed();
