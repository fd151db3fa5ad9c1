import { NativeSelect, SegmentedControl } from '@mantine/core';
import { IconActivity } from '@tabler/icons-react';
import { useEffect, useMemo, useState } from 'react';
import { Link } from 'react-router';
import { feed, type OpsEvent } from '~/api/feed';
import { useRecentEvents } from '~/api/queries';
import { shortId, Time } from '~/ui/basics';
import { FilterBar } from '~/ui/FilterBar';
import { PageHead, Panel } from '~/ui/layout';
import { Answer, Empty } from '~/ui/states';
import css from './operations.module.css';

const KEPT = 500;
const OWNERS = ['marketplace', 'escrow', 'training', 'dead_letter'] as const;

/**
 * What the feed brings is put on top of what was there when the page was opened. It is kept apart: an answer that was on its way when
 * an event came does not have it.
 */
function useFeedEvents(): [ReturnType<typeof useRecentEvents>, OpsEvent[]] {
  const recent = useRecentEvents();
  const [heard, setHeard] = useState<OpsEvent[]>([]);
  useEffect(() => feed.onEvent((event) => setHeard((before) => [event, ...before].slice(0, KEPT))), []);
  const events = useMemo(() => {
    const byId = new Map([...(recent.data?.events ?? []), ...heard].map((event) => [event.id, event]));
    return [...byId.values()].sort((a, b) => b.id - a.id).slice(0, KEPT);
  }, [recent.data, heard]);
  return [recent, events];
}

export default function EventsPage() {
  const [query, events] = useFeedEvents();
  const [owner, setOwner] = useState('');
  const [severity, setSeverity] = useState('');
  const [text, setText] = useState('');
  const [opened] = useState(() => Date.now() / 1000);
  const wanted = text.trim().toLowerCase();
  const shown = useMemo(
    () =>
      events.filter(
        (event) =>
          (owner === '' || event.kind.startsWith(`${owner}.`)) &&
          (severity === '' || event.severity === severity) &&
          (wanted === '' ||
            `${event.kind} ${event.message} ${JSON.stringify(event.data)}`.toLowerCase().includes(wanted)),
      ),
    [events, owner, severity, wanted],
  );
  return (
    <>
      <PageHead
        title="Event feed"
        hint="Every fact of every service in one order, as it happens. A broken connection goes on where it stopped."
      />
      <Panel flush>
        <FilterBar label="Search events" placeholder="Search message, kind or id" text={text} change={setText}>
          <NativeSelect
            aria-label="Service"
            value={owner}
            onChange={(event) => setOwner(event.currentTarget.value)}
            data={[
              { value: '', label: 'Every service' },
              ...OWNERS.map((value) => ({ value, label: value.replace('_', ' ') })),
            ]}
          />
          <SegmentedControl
            aria-label="Severity"
            value={severity}
            onChange={setSeverity}
            data={[
              { value: '', label: 'All' },
              { value: 'warning', label: 'Warnings' },
              { value: 'error', label: 'Errors' },
            ]}
          />
        </FilterBar>
        <Answer query={query}>
          {() =>
            shown.length === 0 ? (
              <Empty
                icon={<IconActivity size={20} />}
                title={events.length === 0 ? 'Nothing has happened yet' : 'No event fits the filters'}
              >
                {events.length === 0
                  ? 'The first fact appears here by itself.'
                  : 'The feed looks back over the last 200 events.'}
              </Empty>
            ) : (
              <div role="log" aria-label="Events" aria-live="off">
                {shown.map((event) => (
                  <Event key={event.id} event={event} fresh={event.ts >= opened} />
                ))}
              </div>
            )
          }
        </Answer>
      </Panel>
    </>
  );
}

const PAGES: Readonly<Record<string, string>> = { contract: '/contracts', offer: '/offers', intent: '/intents' };

/** A sentence with its ids short, and as links where they have a page. */
function Linked({ text }: { text: string }) {
  return text.split(/\b([a-z]+-[0-9a-f]{24})\b/).map((part, index) => {
    if (index % 2 === 0) return part;
    const page = PAGES[part.split('-')[0] ?? ''];
    const key = `${index}${part}`;
    return page === undefined ? (
      <span key={key} title={part}>
        {shortId(part)}
      </span>
    ) : (
      <Link key={key} to={`${page}/${part}`} className="link" title={part}>
        {shortId(part)}
      </Link>
    );
  });
}

function Event({ event, fresh }: { event: OpsEvent; fresh: boolean }) {
  return (
    <div className={`${css.event} ${css[event.severity] ?? ''} ${fresh ? css.fresh : ''}`} data-kind={event.kind}>
      <span className={`${css.time} num`} style={{ color: 'var(--text-3)', fontSize: 12 }}>
        <Time ts={event.ts} />
      </span>
      <span className={css.mark} role="img" aria-label={event.severity} />
      <span style={{ minWidth: 0, overflowWrap: 'anywhere' }}>
        <Linked text={event.message} />
      </span>
      <span className={css.kind}>{event.kind}</span>
    </div>
  );
}
