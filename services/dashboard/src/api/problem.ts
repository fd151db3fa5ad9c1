/** A refusal (RFC 9457), as the whole dashboard handles it. */

export interface FieldProblem {
  field: string;
  code: string;
  message: string;
  hint?: string;
  allowed?: string[];
}

type Details = Record<string, unknown>;

export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly code: string,
    readonly status: number,
    message: string,
    readonly details: Details = {},
    readonly requestId: string | null = null,
  ) {
    super(message);
  }

  static of(body: unknown, response: Response): Problem {
    if (typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string') {
      const known = body as { code: string; message?: string; details?: Details; request_id?: string };
      return new Problem(
        known.code,
        response.status,
        known.message ?? known.code,
        known.details,
        known.request_id ?? null,
      );
    }
    return new Problem(
      'unreadable_answer',
      response.status,
      `The gateway answered ${response.status} without a reason.`,
    );
  }

  static unreachable(): Problem {
    return new Problem('gateway_unreachable', 0, 'The gateway cannot be reached.');
  }

  static silent(): Problem {
    return new Problem('no_answer', 0, 'There is no answer yet.');
  }

  static from(error: unknown): Problem {
    return error instanceof Problem
      ? error
      : new Problem('dashboard_error', 0, error instanceof Error ? error.message : String(error));
  }

  /** The wrong fields, where the refusal is about fields. */
  get fields(): FieldProblem[] {
    return Array.isArray(this.details.fields) ? (this.details.fields as FieldProblem[]) : [];
  }

  /** Whether the same call may do later: the server or the way to it is at fault. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 502;
  }
}

/** What to do about codes that the dashboard itself knows more about than the catalogue at /errors. */
export const OWN_REMEDIES: Readonly<Record<string, string>> = {
  gateway_unreachable: 'The page tries again by itself. If it stays away, look at `make status`.',
  no_answer: 'A part of the exchange may be busy or down: see Operations. The page tries again by itself.',
  dashboard_error: 'Reload the page. If it comes back, it is a bug of the dashboard.',
  unreadable_answer: 'Something between this page and the gateway answered in its place.',
};
