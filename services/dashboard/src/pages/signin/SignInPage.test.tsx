// @vitest-environment jsdom
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import SignInPage from './SignInPage';

vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => {}, removeEventListener: () => {} }));
vi.stubGlobal('fetch', () => new Promise(() => {}));
afterEach(cleanup);

function show(oidc: boolean, search = '') {
  window.history.replaceState(null, '', `/app/${search}`);
  return render(
    <QueryClientProvider client={new QueryClient()}>
      <MantineProvider env="test">
        <SignInPage oidc={oidc} signIn={async () => {}} />
      </MantineProvider>
    </QueryClientProvider>,
  );
}

const way = () => screen.queryByRole('link', { name: 'Sign in with your organisation' });

test('the way by the organisation is shown where the exchange has one, and leads to the gateway', () => {
  show(true);
  expect(way()?.getAttribute('href')).toBe('/session/oidc/start');
  cleanup();

  show(false);
  expect(way()).toBeNull();
});

test('a sign-in that was refused says its code, once', () => {
  show(true, '?sign_in_error=role_claim_missing');

  expect(screen.getByRole('alert').textContent).toContain('role_claim_missing');
  expect(window.location.search).toBe('');
});

test('what is no code is not shown', () => {
  show(true, '?sign_in_error=%3Cb%3EHello');

  expect(screen.queryByRole('alert')).toBeNull();
});
