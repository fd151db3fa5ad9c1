import { expect, it } from 'vitest';

it('gives a browser without a locale a language that Intl knows', async () => {
  Object.defineProperty(navigator, 'language', { value: 'en-US@posix', configurable: true });

  await import('./language');

  expect(new Intl.NumberFormat(navigator.language).format(1.5)).toBe('1.5');
});
