import { Button, CloseButton, Loader, NativeSelect, TextInput, VisuallyHidden } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconDatabaseOff, IconPlus, IconSearch } from '@tabler/icons-react';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { type Offer, type OfferFilters, type OfferSort, useOffers } from '~/api/queries';
import { useSession } from '~/app/session';
import { onlyFor } from '~/domain/guardrails';
import { OFFER } from '~/domain/states';
import { Money, Status } from '~/ui/basics';
import { PageHead, Panel } from '~/ui/layout';
import { Empty, ErrorNote, Loading, Stale } from '~/ui/states';
import ui from '~/ui/ui.module.css';
import css from './offers.module.css';

const SORTS: readonly { value: OfferSort; label: string }[] = [
  { value: 'newest', label: 'Newest first' },
  { value: 'price', label: 'Price, lowest first' },
  { value: '-price', label: 'Price, highest first' },
  { value: '-quality', label: 'Quality, best first' },
  { value: '-samples', label: 'Samples, most first' },
];

export default function OffersPage() {
  const [params, setParams] = useSearchParams();
  const [text, setText] = useState(params.get('q') ?? '');
  const [q] = useDebouncedValue(text.trim(), 200);
  const { who } = useSession();
  const filters: OfferFilters = {
    status: (params.get('status') || undefined) as OfferFilters['status'],
    modality: params.get('modality') || undefined,
    sort: (params.get('sort') || undefined) as OfferFilters['sort'],
    q: q || undefined,
  };
  const put = (name: string, value: string) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        if (value === '') next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  // biome-ignore lint/correctness/useExhaustiveDependencies: the address follows the search, not the other way round
  useEffect(() => put('q', q), [q]);
  const filtered = filters.status !== undefined || filters.modality !== undefined || filters.q !== undefined;

  return (
    <>
      <PageHead
        title="Offers"
        hint="Datasets that may be trained on, with their price for one round."
        actions={
          onlyFor(who.role, 'provider').allowed && (
            <Button component={Link} to="/offers/new" leftSection={<IconPlus size={16} />}>
              New offer
            </Button>
          )
        }
      />
      <Panel flush>
        <search className={css.bar}>
          <TextInput
            className={css.search ?? ''}
            aria-label="Search offers"
            placeholder="Search title, seller, id, fingerprint"
            leftSection={<IconSearch size={15} />}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            rightSection={
              text !== '' && <CloseButton size="sm" aria-label="Clear the search" onClick={() => setText('')} />
            }
          />
          <NativeSelect
            aria-label="Status"
            value={filters.status ?? ''}
            onChange={(event) => put('status', event.currentTarget.value)}
            data={[
              { value: '', label: 'Any status' },
              ...Object.entries(OFFER).map(([value, { label }]) => ({ value, label })),
            ]}
          />
          <NativeSelect
            aria-label="Modality"
            value={filters.modality ?? ''}
            onChange={(event) => put('modality', event.currentTarget.value)}
            data={[{ value: '', label: 'Any modality' }, 'image', 'tabular', 'text', 'audio', 'time-series']}
          />
          <NativeSelect
            aria-label="Order"
            value={filters.sort ?? 'newest'}
            onChange={(event) => put('sort', event.currentTarget.value === 'newest' ? '' : event.currentTarget.value)}
            data={[...SORTS]}
          />
        </search>
        <Rows
          filters={filters}
          filtered={filtered}
          reset={() => {
            setText('');
            setParams({}, { replace: true });
          }}
        />
      </Panel>
    </>
  );
}

function Rows({ filters, filtered, reset }: { filters: OfferFilters; filtered: boolean; reset: () => void }) {
  const query = useOffers(filters);
  const { data, error, fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const offers = data?.pages.flatMap((page) => page.offers) ?? [];
  const list = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const narrow = typeof window !== 'undefined' && window.matchMedia('(max-width: 760px)').matches;
  useLayoutEffect(() => setTop((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY), []);
  const rows = useWindowVirtualizer({
    count: offers.length,
    estimateSize: () => (narrow ? 72 : 60),
    overscan: 8,
    scrollMargin: top,
    getItemKey: (index) => offers[index]?.offer_id ?? index,
  });
  const shown = rows.getVirtualItems();
  const last = shown.at(-1)?.index ?? -1;
  useEffect(() => {
    if (last >= offers.length - 20 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [last, offers.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  if (data === undefined) {
    return (
      <div style={{ padding: 18 }}>
        {error ? <ErrorNote error={error} retry={() => query.refetch()} /> : <Loading rows={8} height={24} />}
      </div>
    );
  }
  if (offers.length === 0) {
    return filtered ? (
      <Empty
        icon={<IconSearch size={20} />}
        title="No offer fits the filters"
        action={
          <Button variant="default" onClick={reset}>
            Clear the filters
          </Button>
        }
      />
    ) : (
      <Empty
        icon={<IconDatabaseOff size={20} />}
        title="Nothing is on offer yet"
        action={
          <Button component={Link} to="/offers/new?example=1">
            Offer a dataset
          </Button>
        }
      >
        A provider begins: it names a dataset, what it may be used for, and a price for one round.
      </Empty>
    );
  }
  return (
    <>
      {error && (
        <div style={{ padding: '10px 18px 0' }}>
          <Stale error={error} />
        </div>
      )}
      <div className={css.head} aria-hidden>
        <span>Dataset</span>
        <span>Modality</span>
        <span>Quality</span>
        <span className={css.right}>Samples</span>
        <span className={css.right}>Price per round</span>
        <span>Status</span>
      </div>
      <div ref={list} style={{ position: 'relative', height: rows.getTotalSize() }} data-testid="offers">
        {shown.map((item) => {
          const offer = offers[item.index];
          return (
            offer && (
              <div
                key={item.key}
                style={{ position: 'absolute', inset: '0 0 auto', transform: `translateY(${item.start - top}px)` }}
              >
                <Row offer={offer} />
              </div>
            )
          );
        })}
      </div>
      <div className={css.foot} role="status">
        {hasNextPage ? (
          isFetchingNextPage ? (
            <Loader size={14} aria-label="Loading more" />
          ) : (
            `${offers.length.toLocaleString('en')} loaded, more below`
          )
        ) : (
          `${offers.length.toLocaleString('en')} offer${offers.length === 1 ? '' : 's'}`
        )}
      </div>
    </>
  );
}

function Row({ offer }: { offer: Offer }) {
  return (
    <Link to={`/offers/${offer.offer_id}`} className={css.row}>
      <span style={{ minWidth: 0 }}>
        <span className={css.name} style={{ display: 'block' }}>
          {offer.title || offer.offer_id}
        </span>
        <span className={css.sub} style={{ display: 'block' }}>
          {offer.seller_node_id}
          {offer.attestation_status === 'verified' && ' · verified'}
        </span>
      </span>
      <span className={css.wide}>{offer.modality}</span>
      <span className={`${css.quality} ${css.wide} num`}>
        {offer.quality_score.toFixed(2)}
        <div className={ui.meter} aria-hidden>
          <span className={ui.fill} style={{ width: `${offer.quality_score * 100}%` }} />
        </div>
        <VisuallyHidden>quality</VisuallyHidden>
      </span>
      <span className={`${css.right} ${css.wide} num`}>
        {offer.sample_count.toLocaleString('en')}
        <VisuallyHidden> samples</VisuallyHidden>
      </span>
      <span className={css.right}>
        <Money credits={offer.price_per_round} />
        <VisuallyHidden> for one round</VisuallyHidden>
      </span>
      <span className={css.wide}>
        <Status map={OFFER} state={offer.status} />
      </span>
    </Link>
  );
}
