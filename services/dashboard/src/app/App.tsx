/** Who may see what, and which page is where. Pages are loaded when they are opened. */
import { Center, Loader } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { Route, Routes } from 'react-router';
import { ErrorNote, Loading } from '~/ui/states';
import { ErrorBoundary } from './ErrorBoundary';
import { Shell } from './Shell';
import { useSessionState } from './session';

const HomePage = lazy(() => import('~/pages/home/HomePage'));
const OffersPage = lazy(() => import('~/pages/offers/OffersPage'));
const OfferPage = lazy(() => import('~/pages/offers/OfferPage'));
const OfferFormPage = lazy(() => import('~/pages/offers/OfferFormPage'));
const IntentsPage = lazy(() => import('~/pages/intents/IntentsPage'));
const IntentPage = lazy(() => import('~/pages/intents/IntentPage'));
const IntentFormPage = lazy(() => import('~/pages/intents/IntentFormPage'));
const ContractsPage = lazy(() => import('~/pages/contracts/ContractsPage'));
const ContractPage = lazy(() => import('~/pages/contracts/ContractPage'));
const AccountsPage = lazy(() => import('~/pages/money/AccountsPage'));
const OperationsPage = lazy(() => import('~/pages/operations/OperationsPage'));
const EventsPage = lazy(() => import('~/pages/operations/EventsPage'));
const DisputesPage = lazy(() => import('~/pages/operations/DisputesPage'));
const DeadLettersPage = lazy(() => import('~/pages/operations/DeadLettersPage'));
const SignInPage = lazy(() => import('~/pages/signin/SignInPage'));
const NotFoundPage = lazy(() => import('~/pages/home/NotFoundPage'));

export function App() {
  const state = useSessionState();
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
        <SignInPage signIn={state.signIn} />
      </Suspense>
    );
  }
  return (
    <Shell>
      <ErrorBoundary>
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
            <Route path="*" element={<NotFoundPage />} />
          </Routes>
        </Suspense>
      </ErrorBoundary>
    </Shell>
  );
}
