/** Credits: JSON numbers with at most six decimals outside, whole micro-credits in arithmetic. */

const MICRO = 1_000_000;

/** Whole micro-credits. Exact for every amount that the API allows (a billion credits are 10^15, below 2^53). */
export function toMicro(credits: number): number {
  return Math.round(credits * MICRO);
}

export function toCredits(micro: number): number {
  return micro / MICRO;
}

/** The exact sum of amounts in credits. */
export function sum(amounts: readonly number[]): number {
  return toCredits(amounts.reduce((total, amount) => total + toMicro(amount), 0));
}

/** The exact product of an amount and a whole number, for example a price and rounds. */
export function times(credits: number, count: number): number {
  return toCredits(toMicro(credits) * count);
}

/** `1234.5` as `1,234.50`: two decimals at least, six at most, never rounded away. */
export function formatCredits(credits: number): string {
  const micro = toMicro(credits);
  const sign = micro < 0 ? '−' : '';
  const whole = Math.floor(Math.abs(micro) / MICRO);
  const rest = String(Math.abs(micro) % MICRO)
    .padStart(6, '0')
    .replace(/0+$/, '')
    .padEnd(2, '0');
  return `${sign}${String(whole).replace(/\B(?=(\d{3})+$)/g, ',')}.${rest}`;
}
