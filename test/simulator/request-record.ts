import type { Route } from './routes.ts';

/** A request to a Twilio API and what became of it. */
export interface RecordedRequest {
  readonly at: string;
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly route: Route | 'unknown';
  /** Query and form parameters. */
  readonly params: Readonly<Record<string, string>>;
  /** Without the value of Authorization. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of the answer; null as long as there is none. */
  status: number | null;
  /** `open` until it is decided; `swallowed`: sent by a killed invocation, or its last answer. */
  outcome: 'open' | 'answered' | 'reset' | 'timeout' | 'lost' | 'swallowed';
  readonly invocation?: string;
  readonly paymentSid?: string;
  readonly callSid?: string;
}
