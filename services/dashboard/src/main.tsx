import '@fontsource-variable/inter/wght.css';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './app/language';
import './app/global.css';
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { Problem } from './api/problem';
import { App } from './app/App';
import { SessionProvider } from './app/session';
import { theme } from './app/theme';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      // A refusal is an answer; only what may pass by itself is asked for again.
      retry: (count, error) => Problem.from(error).passing && count < 2,
      retryDelay: (count) => 400 * 2 ** count,
      refetchOnWindowFocus: true,
    },
  },
});
const schemes = localStorageColorSchemeManager({ key: 'oe.scheme' });
const root = document.getElementById('root');
if (root === null) throw new Error('the page has no root');

createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" colorSchemeManager={schemes}>
      <Notifications position="bottom-right" autoClose={4500} limit={3} />
      <QueryClientProvider client={client}>
        <BrowserRouter basename="/app">
          <SessionProvider>
            <App />
          </SessionProvider>
        </BrowserRouter>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
