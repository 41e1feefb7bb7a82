import { type Sentence, type Speech, speech } from './sentences.ts';

/** The tools, in the order in which a payment uses them. */
export const TOOL_NAMES = [
  'startPaymentCapture',
  'captureCardNumber',
  'captureSecurityCode',
  'captureExpirationDate',
  'capturePostalCode',
  'captureBankRoutingNumber',
  'captureBankAccountNumber',
  'getPaymentStatus',
  'completePaymentCapture',
  'cancelPaymentCapture',
] as const;
export type ToolName = (typeof TOOL_NAMES)[number];

/**
 * What an agent does next: call a tool with this payment's SIDs, wait for a change (getPaymentStatus with waitSeconds),
 * ask the caller, or nothing more.
 */
export type NextStep = ToolName | 'wait' | 'askCaller' | 'done';

/** Where the caller's answer leads. A question without these is answered on the keypad: the next step is to wait. */
export interface AfterAnswer {
  /** What follows the caller's answer, or their yes. */
  thenCall?: ToolName;
  /** What follows a no. */
  ifNo?: ToolName | 'done';
}

/** What an agent does next, what the caller hears of it, and the reason; a question also says where its answers lead. */
export interface Guidance extends AfterAnswer {
  nextStep: NextStep;
  say: Speech;
  why: string;
}

/** A question to the caller, and where the answer leads: to the same if there is no `ifNo`. */
export function question(say: Speech, why: string, answers: AfterAnswer): Guidance {
  return { nextStep: 'askCaller', say, why, ...answers };
}

/** There is nothing more to call. */
export function done(why: string, ...say: Sentence[]): Guidance {
  return { nextStep: 'done', say: speech(...say), why };
}
