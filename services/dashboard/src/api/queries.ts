/** Server state: one hook per endpoint. The event feed says when an answer is out of date (see `live.ts`). */
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api, type Schemas, unwrap } from './client';
import { Problem } from './problem';

export type Offer = Schemas['OfferOut'];
export type Intent = Schemas['IntentOut'];
export type Contract = Schemas['ContractOut'];
export type Run = Schemas['RunOut'];
export type Preview = Schemas['PreviewPart'];
export type Difference = Schemas['Difference'];
export type Sweep = Schemas['SweepOut'];
export type Decision = Schemas['DecisionOut'];
export type WhyNotAnswer = Schemas['WhyNotOut'];
export type Diagnostics = Schemas['Diagnostics'];
export type Selected = Schemas['SelectedOut'];
export type Dispute = Schemas['DisputeOut'];
export type Settlement = Schemas['SettlementOut'];
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

/** How an offer fares against recent intents; null where it is another seller's. */
export function useWhyNot(offer: Offer, window: string, enabled: boolean) {
  return useQuery({
    queryKey: ['offers', 'why-not', offer.offer_id, offer.version, window],
    enabled,
    queryFn: ({ signal }) =>
      unwrap(
        api.GET('/marketplace/offers/{offer_id}/why_not', {
          params: { path: { offer_id: offer.offer_id }, query: { window: Number(window) } },
          signal,
        }),
      ).catch((error: unknown) => {
        if (Problem.from(error).code === 'offer_not_found') return null;
        throw error;
      }),
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

/** What a release would pay now, or what was paid. */
export function useSettlement(contractId: string) {
  return useQuery({
    queryKey: ['contracts', 'settlement', contractId],
    queryFn: ({ signal }) =>
      unwrap(
        api.GET('/escrow/contracts/{contract_id}/settlement', {
          params: { path: { contract_id: contractId } },
          signal,
        }),
      ),
  });
}

/** What decided a contract; null for a contract from before decisions were recorded. */
export function useDecision(contractId: string, enabled: boolean) {
  return useQuery({
    queryKey: ['contracts', 'decision', contractId],
    enabled,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) =>
      unwrap(
        api.GET('/marketplace/contracts/{contract_id}/decision', {
          params: { path: { contract_id: contractId } },
          signal,
        }),
      ).catch((error: unknown) => {
        if (Problem.from(error).code === 'decision_not_found') return null;
        throw error;
      }),
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

/** The card of a run's model, anew whenever the model is another. */
export function useModelCard(run: Run | undefined) {
  return useQuery({
    queryKey: ['runs', run?.run_id, 'card', run?.model_sha256, run?.state],
    enabled: run !== undefined,
    queryFn: ({ signal }) =>
      unwrap(
        api.GET('/training/runs/{run_id}/model_card', { params: { path: { run_id: run?.run_id ?? '' } }, signal }),
      ),
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

/** One's own keys; everybody's for operators and reviewers. */
export function useKeys() {
  return useQuery({
    queryKey: ['access', 'keys'],
    queryFn: ({ signal }) => unwrap(api.GET('/identity/keys', { params: { query: { limit: 200 } }, signal })),
  });
}

export function useInviteRequests() {
  return useQuery({
    queryKey: ['access', 'requests'],
    queryFn: ({ signal }) => unwrap(api.GET('/join/requests', { params: { query: { limit: 100 } }, signal })),
  });
}

export function useInvites() {
  return useQuery({
    queryKey: ['access', 'invites'],
    queryFn: ({ signal }) => unwrap(api.GET('/join/invites', { params: { query: { limit: 100 } }, signal })),
  });
}

export function useAudit({ q, actor }: { q: string; actor: string }) {
  return useQuery({
    queryKey: ['access', 'audit', q, actor],
    queryFn: ({ signal }) =>
      unwrap(
        api.GET('/audit', { params: { query: { q: q || undefined, actor: actor || undefined, limit: 100 } }, signal }),
      ),
    placeholderData: keepPreviousData,
  });
}
