/** The values that a sweep tries around what an intent asks. Pure. */

export type SweptField = 'budget_total' | 'min_quality_score';

const STEPS = 20;

/** Twenty even steps: quality floors from 0 to 1; budgets up to twice the present one, or to `dearest` where there is none. */
export function sweptValues(field: SweptField, now: number, dearest: number): number[] {
  const most = field === 'min_quality_score' ? 1 : Math.max(1, now > 0 ? now * 2 : dearest * 1.25);
  // 0 is no limit and not the smallest budget, so budgets begin one step up.
  const first = field === 'budget_total' ? 1 : 0;
  const steps = Array.from({ length: STEPS + 1 - first }, (_, step) => rounded(((step + first) * most) / STEPS));
  return now > 0 && !steps.includes(now) ? [...steps, now].sort((a, b) => a - b) : steps;
}

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
