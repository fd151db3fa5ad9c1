/** Checks a form's values against the rules that the server's own schema gives: the same bounds, said while typing. */
import { RULES } from '~/api/rules';

export interface Rule {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: readonly string[];
  minimum?: number;
  maximum?: number;
  multipleOf?: number;
  minLength?: number;
  maxLength?: number;
  maxItems?: number;
  required: boolean;
}

export type FormName = keyof typeof RULES;

export function rulesOf(form: FormName): Readonly<Record<string, Rule>> {
  return RULES[form];
}

/** What is wrong with a value, or null. `''` and `undefined` are a field that was left empty. */
export function complaint(rule: Rule, value: unknown): string | null {
  if (value === undefined || value === null || (typeof value === 'string' && value.trim() === '')) {
    return rule.required || (rule.minLength ?? 0) > 0
      ? 'Required.'
      : rule.type === 'string' || rule.enum
        ? null
        : 'Required.';
  }
  if (rule.type === 'number' || rule.type === 'integer') return numberComplaint(rule, value);
  if (Array.isArray(value))
    return rule.maxItems !== undefined && value.length > rule.maxItems ? `At most ${rule.maxItems}.` : null;
  if (typeof value === 'string') return textComplaint(rule, value);
  return null;
}

function numberComplaint(rule: Rule, value: unknown): string | null {
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return 'Must be a number.';
  if (rule.type === 'integer' && !Number.isInteger(number)) return 'Must be a whole number.';
  if (rule.minimum !== undefined && number < rule.minimum) return `At least ${rule.minimum.toLocaleString('en')}.`;
  if (rule.maximum !== undefined && number > rule.maximum) return `At most ${rule.maximum.toLocaleString('en')}.`;
  if (rule.multipleOf === 0.000001 && !/^-?\d+(\.\d{1,6})?$/.test(plain(number))) return 'At most 6 decimal places.';
  return null;
}

function textComplaint(rule: Rule, value: string): string | null {
  const text = value.trim();
  if (rule.enum && !rule.enum.includes(text)) return `One of ${rule.enum.join(', ')}.`;
  if (rule.maxLength !== undefined && text.length > rule.maxLength)
    return `At most ${rule.maxLength.toLocaleString('en')} characters.`;
  if (Array.from(text).some((char) => isControl(char))) return 'Must not contain control characters.';
  return null;
}

function isControl(char: string): boolean {
  const code = char.codePointAt(0) ?? 0;
  return (code < 32 && char !== '\n' && char !== '\t') || (code >= 127 && code < 160);
}

function plain(number: number): string {
  const text = String(number);
  return text.includes('e') ? number.toFixed(20).replace(/0+$/, '') : text;
}

/** Every complaint about a form's values, by field. */
export function complaints(form: FormName, values: Readonly<Record<string, unknown>>): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [field, rule] of Object.entries(rulesOf(form))) {
    if (!(field in values)) continue;
    const wrong = complaint(rule, values[field]);
    if (wrong !== null) found[field] = wrong;
  }
  return found;
}
