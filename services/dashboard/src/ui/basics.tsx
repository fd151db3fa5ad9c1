/** Small things that every page uses: states, money, times, ids. */
import { Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { type ReactNode, useState, useSyncExternalStore } from 'react';
import { formatCredits } from '~/domain/money';
import { type Look, look, type Tone } from '~/domain/states';
import { ago, exactly } from '~/domain/time';
import css from './ui.module.css';

export function Badge({ tone, children }: { tone: Tone; children: ReactNode }) {
  return <span className={`${css.badge} ${css[tone]}`}>{children}</span>;
}

/** A state by its one look; what it means is a tooltip away. */
export function Status({ map, state }: { map: Readonly<Record<string, Look>>; state: string }) {
  const { label, tone, means } = look(map, state);
  const badge = <Badge tone={tone}>{label}</Badge>;
  return means === '' ? badge : <Tooltip label={means}>{badge}</Tooltip>;
}

export function Tag({ children, title }: { children: ReactNode; title?: string }) {
  const tag = <span className={css.tag}>{children}</span>;
  return title === undefined ? tag : <Tooltip label={title}>{tag}</Tooltip>;
}

/** Where the data comes from a sandbox node, whoever looks must know. */
export function SandboxTag() {
  return (
    <Tag title="Trained on a sandbox node with data that ships with the demo, not on the seller’s own machine.">
      sandbox
    </Tag>
  );
}

export function Money({ credits, unit = true }: { credits: number; unit?: boolean }) {
  return (
    <span className="num">
      {formatCredits(credits)}
      {unit && <span className={css.unit}>cr</span>}
    </span>
  );
}

export function Dash() {
  return (
    <span style={{ color: 'var(--text-3)' }}>
      <span aria-hidden>–</span>
      <span className="vh">not measured</span>
    </span>
  );
}

/** A measured number with fixed decimals, or a dash: nothing is made up. */
export function Measured({
  value,
  digits = 3,
  unit,
}: {
  value: number | null | undefined;
  digits?: number;
  unit?: string;
}) {
  if (value === null || value === undefined) return <Dash />;
  return (
    <span className="num">
      {value.toFixed(digits)}
      {unit !== undefined && <span className={css.unit}>{unit}</span>}
    </span>
  );
}

// One clock for all relative times of the page.
const TICK_MS = 5_000;
const ticking = new Set<() => void>();
let now = Math.floor(Date.now() / 1000);
let timer: ReturnType<typeof setInterval> | undefined;

function onTick(changed: () => void): () => void {
  ticking.add(changed);
  timer ??= setInterval(() => {
    now = Math.floor(Date.now() / 1000);
    for (const listener of ticking) listener();
  }, TICK_MS);
  return () => {
    ticking.delete(changed);
    if (ticking.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

export function useNow(): number {
  return useSyncExternalStore(onTick, () => now);
}

/** `3 min ago`; the exact time on hover and for machines. */
export function Time({ ts }: { ts: number }) {
  const current = Math.max(useNow(), Math.min(ts, Math.floor(Date.now() / 1000)));
  return (
    <Tooltip label={exactly(ts)}>
      <time dateTime={new Date(ts * 1000).toISOString()} style={{ whiteSpace: 'nowrap' }}>
        {ago(ts, current)}
      </time>
    </Tooltip>
  );
}

export function Copy({ text, what }: { text: string; what: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <Tooltip label={copied ? 'Copied' : `Copy ${what}`}>
      <button
        type="button"
        className={css.copy}
        aria-label={`Copy ${what}`}
        onClick={(event) => {
          event.preventDefault();
          event.stopPropagation();
          void navigator.clipboard?.writeText(text).then(() => {
            setCopied(true);
            setTimeout(() => setCopied(false), 1200);
          });
        }}
      >
        {copied ? <IconCheck size={13} /> : <IconCopy size={13} />}
      </button>
    </Tooltip>
  );
}

/** `contract-3f9c1a…`: enough to tell ids apart, all of it on hover and by copying. */
export function shortId(id: string): string {
  const [prefix, rest = ''] = id.split(/-(?=[0-9a-f]{24}$)/);
  if (rest !== '') return `${prefix}-${rest.slice(0, 6)}`;
  return id.length > 26 ? `${id.slice(0, 12)}…${id.slice(-4)}` : id;
}

export function Id({ id, what = 'id' }: { id: string; what?: string }) {
  return (
    <span className={css.id}>
      <span title={id}>{shortId(id)}</span>
      <Copy text={id} what={what} />
    </span>
  );
}
