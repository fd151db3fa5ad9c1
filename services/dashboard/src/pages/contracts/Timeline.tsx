import { Button } from '@mantine/core';
import { IconLock, IconLockX, IconShieldCheck } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { TimelineEvent } from '~/api/queries';
import { type Verdict, verify } from '~/domain/chain';
import { formatCredits } from '~/domain/money';
import { look, STEP, words } from '~/domain/states';
import { timeOfDay } from '~/domain/time';
import { counted } from '~/domain/words';
import { Badge, Copy, Time } from '~/ui/basics';
import { Panel } from '~/ui/layout';
import { Note } from '~/ui/states';
import css from './contracts.module.css';

export function useVerdict(events: readonly TimelineEvent[]): Verdict | null {
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  useEffect(() => {
    let current = true;
    void verify(events).then((found) => {
      if (current) setVerdict(found);
    });
    return () => {
      current = false;
    };
  }, [events]);
  return verdict;
}

export function Timeline({
  events,
  verdict,
  onRead,
}: {
  events: readonly TimelineEvent[];
  verdict: Verdict | null;
  onRead?: () => void;
}) {
  return (
    <Panel
      title="Timeline"
      hint="Each entry’s hash covers the one before. Your browser computes all of them itself."
      actions={<Seal verdict={verdict} />}
    >
      {verdict?.state === 'broken' && (
        <div style={{ marginBottom: 14 }}>
          <Note tone="bad" title={`Entry ${verdict.seq} does not match its hash.`} role="alert">
            This entry or one before it was changed after it was written. Do not rely on this timeline.
          </Note>
        </div>
      )}
      {verdict?.state === 'unable' && (
        <div style={{ marginBottom: 14 }}>
          <Note tone="warn" title="The hashes cannot be checked here.">
            {verdict.reason}
          </Note>
        </div>
      )}
      <ol className={css.timeline} aria-label="Timeline" data-testid="timeline">
        {events.map((event) => (
          <Entry
            key={event.seq}
            event={event}
            broken={verdict?.state === 'broken' && event.seq >= verdict.seq}
            checked={verdict?.state === 'sound'}
          />
        ))}
      </ol>
      {onRead && verdict?.state === 'sound' && (
        <Button mt="md" size="xs" variant="light" onClick={onRead} leftSection={<IconShieldCheck size={15} />}>
          I have read it
        </Button>
      )}
    </Panel>
  );
}

function Seal({ verdict }: { verdict: Verdict | null }) {
  if (verdict === null) return <Badge tone="neutral">Checking</Badge>;
  if (verdict.state === 'sound') return <Badge tone="good">Verified</Badge>;
  return verdict.state === 'broken' ? <Badge tone="bad">Broken</Badge> : <Badge tone="warn">Not checked</Badge>;
}

function Entry({ event, broken, checked }: { event: TimelineEvent; broken: boolean; checked: boolean }) {
  const { label, tone, means } = look(STEP, event.event);
  const Lock = broken ? IconLockX : IconLock;
  return (
    <li className={css.entry} data-event={event.event}>
      <span className={`${css.dot} ${css[broken ? 'bad' : tone]}`} aria-hidden />
      <div className={css.entryHead}>
        <span className={css.entryTitle} title={means}>
          {event.event === 'round_completed' ? `Round ${String(event.data.round)} completed` : label}
        </span>
        <span style={{ color: 'var(--text-3)', fontSize: 12 }} title={event.at} className="num">
          {timeOfDay(event.at)} · <Time ts={event.ts} />
        </span>
      </div>
      <Details event={event} />
      <div className={css.entryMeta}>
        <span>by {event.actor}</span>
        <span className={css.hash} style={{ color: broken ? 'var(--bad)' : checked ? 'var(--good)' : undefined }}>
          <Lock size={12} aria-hidden />
          <span title={event.hash}>{event.hash.slice(0, 10)}</span>
          <Copy text={event.hash} what="hash" />
        </span>
      </div>
    </li>
  );
}

function amount(value: unknown): string {
  return typeof value === 'number' ? `${formatCredits(value)} cr` : '–';
}

function size(list: unknown): number {
  return Array.isArray(list) ? list.length : 0;
}

function figure(value: unknown): string {
  return typeof value === 'number' ? value.toFixed(3) : 'not measured';
}

/** Who did not deliver, and why. */
function missed(providers: unknown): string {
  const said = (Array.isArray(providers) ? providers : []) as {
    seller_node_id: string;
    ok: boolean;
    error_code?: string;
  }[];
  return said
    .filter(({ ok }) => !ok)
    .map(({ seller_node_id, error_code }) => `; not ${seller_node_id}: ${words(error_code ?? 'unknown')}`)
    .join('');
}

/** What the entry says, in a line. */
function sentence({ event, data }: TimelineEvent): string {
  switch (event) {
    case 'created':
      return `${counted(size(data.offers), 'offer')} for ${amount(data.escrow_total)}`;
    case 'escrow_locked':
      return `${amount(data.amount)} reserved`;
    case 'escrow_rejected':
      return `needed ${amount(data.needed)}, available ${amount(data.available)}`;
    case 'bound_to_round':
      return counted(Number(data.rounds), 'round');
    case 'round_started':
      return `${counted(size(data.nodes), 'node')}${data.sandbox === true ? ', sandbox' : ''}`;
    case 'round_completed':
      return `accuracy ${figure(data.accuracy)}, loss ${figure(data.loss)}${missed(data.providers)}`;
    case 'training_completed':
      return `${String(data.rounds_completed)} rounds, accuracy ${figure(data.accuracy)}`;
    case 'training_failed':
      return `${String(data.reason ?? '')} after ${String(data.rounds_completed)} rounds`;
    case 'escrow_released': {
      const payouts = (data.payouts ?? []) as { seller_node_id: string; amount: number }[];
      const paid = payouts.map(({ seller_node_id, amount: value }) => `${seller_node_id} ${amount(value)}`).join(', ');
      const notes = [
        data.early === true && 'before training ended',
        data.settled_by === 'contribution' && 'by contribution',
        data.settled_by === 'decision' && 'as somebody decided',
        typeof data.fallback === 'string' && `by delivery: ${data.fallback}`,
      ].filter((note) => note !== false);
      return [paid, `${amount(data.returned)} returned`, ...notes].join('; ');
    }
    case 'escrow_refunded':
      return `${amount(data.amount)} back: ${String(data.reason)}`;
    case 'provider_replaced': {
      const by = (data.by ?? []) as { seller_node_id: string; rounds: number }[];
      return by.map(({ seller_node_id, rounds }) => `${seller_node_id} for ${counted(rounds, 'round')}`).join(', ');
    }
    case 'dispute_opened':
      return String(data.reason);
    case 'dispute_resolved':
      return `${String(data.status)}: ${String(data.resolution_note || 'no note')}`;
    default:
      return '';
  }
}

function Details({ event }: { event: TimelineEvent }) {
  const text = sentence(event);
  return text === '' ? null : <div className={css.entryText}>{text}</div>;
}
