/** Times for people: relative at a glance, exact on demand. */

const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

/** `ts` and `now` are Unix seconds. */
export function ago(ts: number, now: number): string {
  const delta = ts - now;
  for (const [unit, seconds] of UNITS) {
    if (Math.abs(delta) >= seconds) return relative.format(Math.trunc(delta / seconds), unit);
  }
  return Math.abs(delta) < 10 ? 'just now' : relative.format(Math.trunc(delta), 'second');
}

export function exactly(ts: number): string {
  return exact.format(ts * 1000);
}

export function timeOfDay(at: string): string {
  return clock.format(new Date(at));
}

/** Seconds as people say them: `0.8 s`, `42 s`, `3 min`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
