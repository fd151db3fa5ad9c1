/** Who may see what, and which page is where. Pages are loaded when they are opened. */
import { Center, Loader } from '@mantine/core';
import { type ComponentType, lazy, Suspense } from 'react';
import { Route, Routes, useLocation } from 'react-router';
import { ErrorNote, Loading } from '~/ui/states';
import { ErrorBoundary } from './ErrorBoundary';
import { Shell } from './Shell';
import { useSessionState } from './session';

/** A page whose code is fetched when it is opened, again and again while the gateway is away. */
function page(load: () => Promise<{ default: ComponentType }>) {
  return lazy(async () => {
    for (let left = 30; ; left -= 1) {
      try {
        return await load();
      } catch (error) {
        if (left === 0) throw error;
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      }
    }
  });
}

const HomePage = page(() => import('~/pages/home/HomePage'));
const OffersPage = page(() => import('~/pages/offers/OffersPage'));
const OfferPage = page(() => import('~/pages/offers/OfferPage'));
const OfferFormPage = page(() => import('~/pages/offers/OfferFormPage'));
const IntentsPage = page(() => import('~/pages/intents/IntentsPage'));
const IntentPage = page(() => import('~/pages/intents/IntentPage'));
const IntentFormPage = page(() => import('~/pages/intents/IntentFormPage'));
const ContractsPage = page(() => import('~/pages/contracts/ContractsPage'));
const ContractPage = page(() => import('~/pages/contracts/ContractPage'));
const AccountsPage = page(() => import('~/pages/money/AccountsPage'));
const OperationsPage = page(() => import('~/pages/operations/OperationsPage'));
const EventsPage = page(() => import('~/pages/operations/EventsPage'));
const DisputesPage = page(() => import('~/pages/operations/DisputesPage'));
const DeadLettersPage = page(() => import('~/pages/operations/DeadLettersPage'));
const KeysPage = page(() => import('~/pages/access/KeysPage'));
const InvitesPage = page(() => import('~/pages/access/InvitesPage'));
const AuditPage = page(() => import('~/pages/access/AuditPage'));
const SignInPage = lazy(() => import('~/pages/signin/SignInPage'));
const NotFoundPage = page(() => import('~/pages/home/NotFoundPage'));

export function App() {
  const state = useSessionState();
  const { pathname } = useLocation();
  if (state.state === 'loading') {
    return (
      <Center h="100vh">
        <Loader size="sm" aria-label="Loading" />
      </Center>
    );
  }
  if (state.state === 'unreachable') {
    return (
      <Center component="main" h="100vh" p="md">
        <div style={{ maxWidth: 460 }}>
          <h1 style={{ fontSize: 20 }}>Open Ecosystem</h1>
          <ErrorNote error={state.problem} retry={state.retry} />
        </div>
      </Center>
    );
  }
  if (state.state === 'signed-out') {
    return (
      <Suspense>
        <SignInPage signIn={state.signIn} oidc={state.oidc} />
      </Suspense>
    );
  }
  return (
    <Shell>
      <ErrorBoundary key={pathname}>
        <Suspense fallback={<Loading rows={6} />}>
          <Routes>
            <Route index element={<HomePage />} />
            <Route path="offers" element={<OffersPage />} />
            <Route path="offers/new" element={<OfferFormPage />} />
            <Route path="offers/:offerId" element={<OfferPage />} />
            <Route path="offers/:offerId/edit" element={<OfferFormPage />} />
            <Route path="intents" element={<IntentsPage />} />
            <Route path="intents/new" element={<IntentFormPage />} />
            <Route path="intents/:intentId" element={<IntentPage />} />
            <Route path="contracts" element={<ContractsPage />} />
            <Route path="contracts/:contractId" element={<ContractPage />} />
            <Route path="accounts" element={<AccountsPage />} />
            <Route path="operations" element={<OperationsPage />} />
            <Route path="events" element={<EventsPage />} />
            <Route path="disputes" element={<DisputesPage />} />
            <Route path="dead-letters" element={<DeadLettersPage />} />
            <Route path="keys" element={<KeysPage />} />
            <Route path="invitations" element={<InvitesPage />} />
            <Route path="audit" element={<AuditPage />} />
            <Route path="*" element={<NotFoundPage />} />
          </Routes>
        </Suspense>
      </ErrorBoundary>
    </Shell>
  );
}
