/** Panels, page heads, facts and figures. */
import { Breadcrumbs, Group, Title } from '@mantine/core';
import { type ReactNode, useEffect, useId } from 'react';
import { Link } from 'react-router';
import css from './ui.module.css';

export function Panel({
  title,
  hint,
  actions,
  flush = false,
  children,
}: {
  title?: ReactNode;
  hint?: ReactNode;
  actions?: ReactNode;
  /** For tables and lists, which reach from edge to edge. */
  flush?: boolean;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section className={css.panel} aria-labelledby={title === undefined ? undefined : id}>
      {title !== undefined && (
        <div className={css.panelHead}>
          <div>
            <h2 id={id} className={css.panelTitle}>
              {title}
            </h2>
            {hint !== undefined && <p className={css.panelHint}>{hint}</p>}
          </div>
          {actions}
        </div>
      )}
      <div
        className={flush ? css.flush : css.panelBody}
        style={flush && title === undefined ? { padding: 0 } : undefined}
      >
        {children}
      </div>
    </section>
  );
}

export function PageHead({
  title,
  plain,
  hint,
  crumbs = [],
  actions,
}: {
  title: ReactNode;
  /** The title as the browser's tab shows it, where `title` is more than text. */
  plain?: string;
  hint?: ReactNode;
  crumbs?: readonly { to: string; label: string }[];
  actions?: ReactNode;
}) {
  const name = plain ?? (typeof title === 'string' ? title : '');
  useEffect(() => {
    document.title = name === '' ? 'Open Ecosystem' : `${name} · Open Ecosystem`;
  }, [name]);
  return (
    <header style={{ marginBottom: 20 }}>
      {crumbs.length > 0 && (
        <nav aria-label="Breadcrumb">
          <Breadcrumbs separator="/" mb={6} fz="sm" c="dimmed">
            {crumbs.map(({ to, label }) => (
              <Link key={to} to={to} className="link" style={{ color: 'var(--text-3)' }}>
                {label}
              </Link>
            ))}
          </Breadcrumbs>
        </nav>
      )}
      <Group justify="space-between" align="flex-start" gap="md">
        <div style={{ minWidth: 0 }}>
          <Title order={1} style={{ letterSpacing: '-0.015em' }}>
            {title}
          </Title>
          {hint !== undefined && <div style={{ marginTop: 3, color: 'var(--text-3)', maxWidth: '72ch' }}>{hint}</div>}
        </div>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
      </Group>
    </header>
  );
}

export function Facts({ rows }: { rows: readonly (readonly [string, ReactNode] | null)[] }) {
  return (
    <dl className={css.facts}>
      {rows.map((row) =>
        row === null ? null : (
          <div key={row[0]} style={{ display: 'contents' }}>
            <dt>{row[0]}</dt>
            <dd>{row[1]}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

export function Stats({ children }: { children: ReactNode }) {
  return <div className={`${css.panel} ${css.statGrid}`}>{children}</div>;
}

export function Stat({ label, value, hint }: { label: string; value: ReactNode; hint?: ReactNode }) {
  return (
    <div className={css.stat}>
      <div className={css.statLabel}>{label}</div>
      <div className={css.statValue}>{value}</div>
      {hint !== undefined && <div className={css.statHint}>{hint}</div>}
    </div>
  );
}

/** A table that scrolls sideways where it does not fit; keyboards can scroll it, too. */
export function Table({ label, head, children }: { label: string; head: ReactNode; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={css.scroll} aria-label={`${label}, table`} tabIndex={0}>
      <table className={css.table}>
        <thead>
          <tr>{head}</tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

export const right = css.right;
/** Columns that narrow screens can do without. */
export const wide = css.wide;
export const wideRight = `${css.wide} ${css.right}`;
