/** Times for people: relative at a glance, exact on demand. */

const UNITS: readonly [string, number][] = [
  ['y', 31_536_000],
  ['mo', 2_592_000],
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
];
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

/** `ts` and `now` are Unix seconds. */
export function ago(ts: number, now: number): string {
  const distance = Math.abs(ts - now);
  if (distance < 10) return 'just now';
  const [unit, seconds] = UNITS.find(([, size]) => distance >= size) ?? ['s', 1];
  const amount = `${Math.floor(distance / seconds)} ${unit}`;
  return ts > now ? `in ${amount}` : `${amount} ago`;
}

export function exactly(ts: number): string {
  return exact.format(ts * 1000);
}

export function timeOfDay(at: string): string {
  return clock.format(new Date(at));
}

/** Seconds as people say them: `0.8 s`, `42 s`, `3 min`, `6 h`, `7 d`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} d`;
}
