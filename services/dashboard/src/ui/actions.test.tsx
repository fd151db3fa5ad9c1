// @vitest-environment jsdom
import { MantineProvider } from '@mantine/core';
import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ReactNode } from 'react';
import { afterEach, expect, test, vi } from 'vitest';
import { GateButton } from './actions';

vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => {}, removeEventListener: () => {} }));
vi.stubGlobal(
  'ResizeObserver',
  class {
    observe() {}
    unobserve() {}
    disconnect() {}
  },
);
afterEach(cleanup);

const show = (children: ReactNode) => render(<MantineProvider env="test">{children}</MantineProvider>);

test('an open gate lets the click through', async () => {
  const pressed = vi.fn();
  show(
    <GateButton gate={{ allowed: true }} onClick={pressed}>
      Release
    </GateButton>,
  );

  await userEvent.click(screen.getByRole('button', { name: 'Release' }));

  expect(pressed).toHaveBeenCalledOnce();
});

test('a closed gate does nothing, stays reachable by keyboard, and says why', async () => {
  const pressed = vi.fn();
  show(
    <GateButton gate={{ allowed: false, reason: 'The escrow is not locked yet.' }} onClick={pressed}>
      Release
    </GateButton>,
  );
  const button = screen.getByRole('button', { name: 'Release', description: 'The escrow is not locked yet.' });

  await userEvent.tab();
  expect(document.activeElement).toBe(button);
  await userEvent.keyboard('{Enter}');
  await userEvent.click(button);

  expect(pressed).not.toHaveBeenCalled();
  expect(button.getAttribute('aria-disabled')).toBe('true');
});
