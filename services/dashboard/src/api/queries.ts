/** Server state: one hook per endpoint. The event feed says when an answer is out of date (see `live.ts`). */
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api, type Schemas, unwrap } from './client';

export type Offer = Schemas['OfferOut'];
export type Intent = Schemas['IntentOut'];
export type Contract = Schemas['ContractOut'];
export type Run = Schemas['RunOut'];
export type Preview = Schemas['PreviewPart'];
export type Diagnostics = Schemas['Diagnostics'];
export type Selected = Schemas['SelectedOut'];
export type Dispute = Schemas['DisputeOut'];
export type TimelineEvent = Schemas['TimelineEvent'];

export const PAGE = 100;

export interface OfferFilters {
  status?: 'active' | 'paused' | 'withdrawn';
  modality?: string;
  q?: string;
  sort?: OfferSort;
}
export type OfferSort = 'newest' | 'price' | '-price' | 'quality' | '-quality' | 'samples' | '-samples';

export function useOffers(filters: OfferFilters) {
  return useInfiniteQuery({
    queryKey: ['offers', filters],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        api.GET('/marketplace/offers', { params: { query: { ...filters, limit: PAGE, cursor: pageParam } }, signal }),
      ),
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

/** The newest offers, for overviews. */
export function useNewestOffers(limit = 50) {
  return useQuery({
    queryKey: ['offers', 'newest', limit],
    queryFn: ({ signal }) => unwrap(api.GET('/marketplace/offers', { params: { query: { limit } }, signal })),
  });
}

export function useOffer(offerId: string) {
  return useQuery({
    queryKey: ['offers', 'one', offerId],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/marketplace/offers/{offer_id}', { params: { path: { offer_id: offerId } }, signal })),
  });
}

export function useIntents(status?: Schemas['IntentStatus']) {
  return useInfiniteQuery({
    queryKey: ['intents', { status }],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        api.GET('/marketplace/round_intents', {
          params: { query: { status, limit: PAGE, cursor: pageParam } },
          signal,
        }),
      ),
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

export function useNewestIntents(limit = 20) {
  return useQuery({
    queryKey: ['intents', 'newest', limit],
    queryFn: ({ signal }) => unwrap(api.GET('/marketplace/round_intents', { params: { query: { limit } }, signal })),
  });
}

export function useIntent(intentId: string) {
  return useQuery({
    queryKey: ['intents', 'one', intentId],
    queryFn: ({ signal }) =>
      unwrap(
        api.GET('/marketplace/round_intents/{round_intent_id}', {
          params: { path: { round_intent_id: intentId } },
          signal,
        }),
      ),
  });
}

export interface ContractFilters {
  round_intent_id?: string;
  escrow_status?: 'pending' | 'locked' | 'released' | 'refunded' | 'rejected';
}

export function useContracts(filters: ContractFilters) {
  return useInfiniteQuery({
    queryKey: ['contracts', filters],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        api.GET('/marketplace/contracts', { params: { query: { ...filters, limit: 50, cursor: pageParam } }, signal }),
      ),
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

export function useNewestContracts(limit = 10) {
  return useQuery({
    queryKey: ['contracts', 'newest', limit],
    queryFn: ({ signal }) => unwrap(api.GET('/marketplace/contracts', { params: { query: { limit } }, signal })),
  });
}

export function useContract(contractId: string) {
  return useQuery({
    queryKey: ['contracts', 'one', contractId],
    queryFn: ({ signal }) =>
      unwrap(
        api.GET('/marketplace/contracts/{contract_id}', { params: { path: { contract_id: contractId } }, signal }),
      ),
  });
}

export function useRun(runId: string | null) {
  return useQuery({
    queryKey: ['runs', runId],
    enabled: runId !== null,
    queryFn: ({ signal }) =>
      unwrap(api.GET('/training/runs/{run_id}', { params: { path: { run_id: runId ?? '' } }, signal })),
  });
}

export function useNodes() {
  return useQuery({ queryKey: ['nodes'], queryFn: ({ signal }) => unwrap(api.GET('/training/nodes', { signal })) });
}

export function useDisputes(contractId?: string) {
  return useQuery({
    queryKey: ['disputes', contractId ?? 'all'],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/marketplace/disputes', { params: { query: { contract_id: contractId, limit: 100 } }, signal })),
  });
}

export function useSummary() {
  return useQuery({
    queryKey: ['summary'],
    queryFn: ({ signal }) => unwrap(api.GET('/metrics_summary', { signal })),
    refetchInterval: 15_000,
  });
}

export function useHealth() {
  return useQuery({
    queryKey: ['health'],
    refetchInterval: 5_000,
    // 503 is an answer, too: it says what is down.
    queryFn: async ({ signal }) => {
      const call = api.GET('/ops/health', { signal });
      const answer = await call.catch(() => null);
      const body = answer?.data ?? answer?.error;
      return body !== undefined && 'services' in body ? body : unwrap(call);
    },
  });
}

export function useDeadLetters() {
  return useQuery({
    queryKey: ['letters'],
    queryFn: ({ signal }) => unwrap(api.GET('/ops/dead_letters', { signal })),
    refetchInterval: 15_000,
  });
}

export function useRecentEvents(kind?: string) {
  return useQuery({
    queryKey: ['events', kind ?? 'all'],
    queryFn: ({ signal }) => unwrap(api.GET('/ops/events/recent', { params: { query: { limit: 200, kind } }, signal })),
  });
}

/** None where nothing has moved for the participant yet. */
export function useAccount(participant: string) {
  return useQuery({
    queryKey: ['accounts', participant],
    enabled: participant !== '',
    queryFn: ({ signal }) => unwrap(api.GET('/escrow/accounts', { params: { query: { participant } }, signal })),
    select: ({ accounts }) => accounts,
  });
}

export function useTrialBalance(enabled: boolean) {
  return useQuery({
    queryKey: ['accounts', 'trial'],
    enabled,
    queryFn: ({ signal }) => unwrap(api.GET('/escrow/trial_balance', { signal })),
  });
}

export function useStatement(participant: string, enabled: boolean) {
  return useQuery({
    queryKey: ['accounts', participant, 'statement'],
    enabled,
    queryFn: ({ signal }) =>
      unwrap(
        api.GET('/escrow/accounts/{participant}/statement', {
          params: { path: { participant }, query: { limit: 100 } },
          signal,
        }),
      ),
  });
}

export function useWithdrawals(participant: string) {
  return useQuery({
    queryKey: ['accounts', participant, 'withdrawals'],
    queryFn: ({ signal }) =>
      unwrap(
        api.GET('/escrow/withdrawals', {
          params: { query: { participant: participant || undefined, limit: 20 } },
          signal,
        }),
      ),
  });
}

/** The catalogue's entry of a code: its cause and what to do. */
export function useErrorEntry(code: string, enabled: boolean) {
  return useQuery({
    queryKey: ['errors', code],
    enabled,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    queryFn: ({ signal }) => unwrap(api.GET('/errors/{code}', { params: { path: { code } }, signal })),
  });
}
