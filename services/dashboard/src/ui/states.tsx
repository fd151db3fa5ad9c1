/** Every state that a page can be in beside the good one: loading, empty, refused, out of date. */
import { Button, Group, Skeleton, Stack } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconInfoCircle,
  IconPlugConnectedX,
  IconRefresh,
} from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { OWN_REMEDIES, Problem } from '~/api/problem';
import { useErrorEntry } from '~/api/queries';
import { type Tone, words } from '~/domain/states';
import { Copy } from './basics';
import css from './ui.module.css';

export function Note({
  tone = 'info',
  title,
  children,
  role,
}: {
  tone?: Tone;
  title?: ReactNode;
  children?: ReactNode;
  role?: string;
}) {
  const Icon =
    tone === 'good' ? IconCircleCheck : tone === 'bad' || tone === 'warn' ? IconAlertTriangle : IconInfoCircle;
  return (
    <div className={`${css.note} ${css[tone]}`} role={role}>
      <Icon size={17} aria-hidden />
      <div className={css.noteBody}>
        {title !== undefined && <div className={css.noteTitle}>{title}</div>}
        {children !== undefined && <div className={css.noteText}>{children}</div>}
      </div>
    </div>
  );
}

/** A refusal as people need it: what happened, what to do, and what to tell somebody who can look into it. */
export function ErrorNote({ error, retry, children }: { error: unknown; retry?: () => void; children?: ReactNode }) {
  const problem = Problem.from(error);
  const entry = useErrorEntry(problem.code, problem.status > 0 && !problem.passing);
  const remedy = OWN_REMEDIES[problem.code] ?? entry.data?.remedy;
  return (
    <Note tone={problem.passing ? 'warn' : 'bad'} title={problem.message || words(problem.code)} role="alert">
      {remedy !== undefined && <div>{remedy}</div>}
      {children}
      <Group gap={6} mt={4} fz="xs" c="dimmed">
        <code>{problem.code}</code>
        {problem.requestId !== null && (
          <span>
            request {problem.requestId.slice(0, 8)}
            <Copy text={problem.requestId} what="request id" />
          </span>
        )}
      </Group>
      {retry !== undefined && (
        <Button mt={8} size="xs" variant="default" leftSection={<IconRefresh size={14} />} onClick={retry}>
          Try again
        </Button>
      )}
    </Note>
  );
}

export function Empty({
  icon,
  title,
  children,
  action,
}: {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className={css.empty}>
      {icon !== undefined && (
        <div className={css.emptyIcon} aria-hidden>
          {icon}
        </div>
      )}
      <p className={css.emptyTitle}>{title}</p>
      {children !== undefined && <p className={css.emptyText}>{children}</p>}
      {action}
    </div>
  );
}

export function Loading({ rows = 3, height = 18 }: { rows?: number; height?: number }) {
  return (
    <Stack gap={12} p={4} aria-busy="true" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, index) => (
        <Skeleton key={String(index)} height={height} width={`${96 - ((index * 17) % 38)}%`} radius="sm" />
      ))}
    </Stack>
  );
}

/** Shown above what is on the page while it cannot be brought up to date. */
export function Stale({ error }: { error: unknown }) {
  return (
    <Group gap={8} c="var(--warn)" fz="sm" mb="sm" role="status">
      <IconPlugConnectedX size={16} aria-hidden />
      This may be out of date: {Problem.from(error).message} Trying again.
    </Group>
  );
}

type Result<T> = Pick<UseQueryResult<T>, 'data' | 'error' | 'failureReason'> & { refetch: () => unknown };

/** Shows an answer, or why there is none; keeps showing the last one while a newer one cannot be had. */
export function Answer<T>({
  query,
  loading,
  children,
}: {
  query: Result<T>;
  loading?: ReactNode;
  children: (data: NonNullable<T>) => ReactNode;
}) {
  if (query.data !== undefined && query.data !== null) {
    return (
      <>
        {query.error !== null && <Stale error={query.error} />}
        {children(query.data)}
      </>
    );
  }
  // The first failure is told at once, while it is tried again.
  const failure = query.error ?? query.failureReason;
  if (failure !== null) return <ErrorNote error={failure} retry={() => query.refetch()} />;
  return loading ?? <Loading />;
}
