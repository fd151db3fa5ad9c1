// @vitest-environment jsdom
import { act, renderHook } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { Problem } from '~/api/problem';
import { useForm } from './form';

const DEPOSIT = { participant: 'research-lab', amount: 5 as number | string, note: '' };

test('a wrong value is refused before anything is sent', async () => {
  const { result } = renderHook(() => useForm('DepositIn', { ...DEPOSIT, amount: -1 }));
  const sent = vi.fn();

  await act(() => result.current.submit(sent));

  expect(sent).not.toHaveBeenCalled();
  expect(result.current.field('amount', 'Amount').error).toBe('At least 0.');
});

test('a field says nothing before it was touched', () => {
  const { result } = renderHook(() => useForm('DepositIn', { ...DEPOSIT, participant: '' }));

  expect(result.current.field('participant', 'Participant').error).toBeUndefined();
  act(() => result.current.field('participant', 'Participant').onBlur());

  expect(result.current.field('participant', 'Participant').error).toBe('Required.');
});

test('what the server refuses stands at its field until the field is changed', async () => {
  const { result } = renderHook(() => useForm('DepositIn', DEPOSIT));
  const fields = [{ field: 'amount', code: 'invalid_amount', message: 'amount must be above 0' }];

  await act(() => result.current.submit(() => Promise.reject(new Problem('invalid_amount', 400, 'no', { fields }))));
  expect(result.current.field('amount', 'Amount').error).toBe('amount must be above 0');
  expect(result.current.error).toBeNull();

  act(() => result.current.set('amount', 6));
  expect(result.current.field('amount', 'Amount').error).toBeUndefined();
});

test('a refusal that is about no field of the form is shown as a whole', async () => {
  const { result } = renderHook(() => useForm('DepositIn', DEPOSIT));

  await act(() => result.current.submit(() => Promise.reject(new Problem('forbidden', 403, 'not you'))));

  expect(Problem.from(result.current.error).code).toBe('forbidden');
});
