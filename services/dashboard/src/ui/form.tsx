/** Forms whose rules come from the server's schema: guidance beside each field, complaints while typing, refusals at their field. */
import { useCallback, useMemo, useState } from 'react';
import { Problem } from '~/api/problem';
import { complaints, type FormName, rulesOf } from '~/domain/fields';

export interface Form<V extends Record<string, unknown>> {
  values: V;
  set: <K extends keyof V>(field: K, value: V[K]) => void;
  setAll: (values: Partial<V>) => void;
  /** What every input of a field gets. */
  field: (
    name: keyof V & string,
    label: string,
  ) => {
    label: string;
    description: string | undefined;
    error: string | undefined;
    withAsterisk: boolean;
    onBlur: () => void;
    name: string;
    'data-field': string;
  };
  valid: boolean;
  busy: boolean;
  /** A refusal that belongs to no field. */
  error: unknown;
  submit: (act: () => Promise<void>) => Promise<void>;
}

export function useForm<V extends Record<string, unknown>>(form: FormName, initial: V): Form<V> {
  const [values, setValues] = useState(initial);
  const [touched, setTouched] = useState<Readonly<Record<string, boolean>>>({});
  const [refused, setRefused] = useState<Readonly<Record<string, string>>>({});
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const rules = rulesOf(form);
  const wrong = useMemo(() => complaints(form, values), [form, values]);

  const setAll = useCallback((changes: Partial<V>) => {
    setValues((before) => ({ ...before, ...changes }));
    const names = Object.keys(changes);
    setTouched((before) => ({ ...before, ...Object.fromEntries(names.map((name) => [name, true])) }));
    // What the server said was about the value before.
    setRefused((before) => Object.fromEntries(Object.entries(before).filter(([name]) => !names.includes(name))));
  }, []);

  return {
    values,
    setAll,
    set: (field, value) => setAll({ [field]: value } as unknown as Partial<V>),
    field: (name, label) => ({
      label,
      description: guidance(rules[name]?.description),
      error: refused[name] ?? (touched[name] ? wrong[name] : undefined),
      withAsterisk: rules[name]?.required ?? false,
      onBlur: () => setTouched((before) => ({ ...before, [name]: true })),
      name,
      'data-field': name,
    }),
    valid: Object.keys(wrong).length === 0,
    busy,
    error,
    submit: async (act) => {
      setTouched(Object.fromEntries(Object.keys(values).map((name) => [name, true])));
      setError(null);
      if (Object.keys(wrong).length > 0) {
        focusOn(Object.keys(values).find((name) => name in wrong));
        return;
      }
      setBusy(true);
      try {
        await act();
      } catch (refusal) {
        const problem = Problem.from(refusal);
        const here = problem.fields.filter(({ field }) => (field.split('.')[0] ?? '') in values);
        setRefused(Object.fromEntries(here.map(({ field, message }) => [field.split('.')[0] ?? field, message])));
        if (here.length === 0) setError(refusal);
        else focusOn(here[0]?.field.split('.')[0]);
      } finally {
        setBusy(false);
      }
    },
  };
}

function focusOn(name: string | undefined): void {
  if (name === undefined) return;
  requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-field="${name}"]`)?.focus());
}

function guidance(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.…]$/.test(text) ? '' : '.'}`;
}
