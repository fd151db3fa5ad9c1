import { describe, expect, it } from 'vitest';
import { sweptValues } from './sweep';

describe('the values of a sweep', () => {
  it('has budgets above 0, which would mean no limit, up to twice the present one', () => {
    const values = sweptValues('budget_total', 20, 0);
    expect(values[0]).toBe(2);
    expect(values.at(-1)).toBe(40);
    expect(values).toContain(20);
    expect(values.length).toBeLessThanOrEqual(50);
  });

  it('reaches beyond what the best set costs where there is no budget', () => {
    expect(sweptValues('budget_total', 0, 40).at(-1)).toBe(50);
  });

  it('goes over every quality and contains the present floor, in order', () => {
    const values = sweptValues('min_quality_score', 0.33, 0);
    expect([values[0], values.at(-1)]).toEqual([0, 1]);
    expect(values).toContain(0.33);
    expect(values).toEqual([...values].sort((a, b) => a - b));
  });
});
