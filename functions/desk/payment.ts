/** What the server tells the desk, parsed: nothing else of an answer is used. */

export const CAPTURE_TOOLS = {
  'payment-card-number': 'captureCardNumber',
  'security-code': 'captureSecurityCode',
  'expiration-date': 'captureExpirationDate',
  'postal-code': 'capturePostalCode',
  'bank-routing-number': 'captureBankRoutingNumber',
  'bank-account-number': 'captureBankAccountNumber',
} as const;
export type FieldName = keyof typeof CAPTURE_TOOLS;
export type Capture = FieldName | `${Exclude<FieldName, `bank-${string}`>}-matcher`;

export function fieldOf(capture: Capture): FieldName {
  return capture.replace(/-matcher$/, '') as FieldName;
}

export type FieldState = 'waiting' | 'listening' | 'typing' | 'refused' | 'done';

export interface Field {
  name: Capture;
  state: FieldState;
  /** What is known of it: a mask, or in clear a date, a postal code, a routing number. */
  value: string;
  /** How often the caller has failed at it. */
  failures: number;
  /** Why it was refused last. */
  error: string;
}

export interface HistoryEntry {
  /** Epoch milliseconds. */
  at: number;
  client: string;
  action: string;
  outcome: string;
}

/** How a payment that has ended came to its end; empty while it lives. */
export type Ending =
  | ''
  | 'paid'
  | 'saved'
  | 'canceled'
  | 'declined'
  | 'down'
  | 'refused-data'
  | 'star'
  | 'call-ended'
  | 'too-many'
  | 'unknown'
  | 'failed';

export interface Payment {
  callSid: string;
  paymentSid: string;
  phase: string;
  revision: number;
  nextStep: string;
  say: string;
  /** Of `say`. */
  language: string;
  /** What to say before the next field is opened. */
  before: string;
  amount: number;
  currency: string;
  reference: string;
  paymentMethod: string;
  connector: string;
  cardType: string;
  expirationDate: string;
  fields: Field[];
  /** How often the caller may fail at one field. */
  triesAllowed: number;
  /** Whether a cancel is under way. */
  isCanceling: boolean;
  /** Whether Twilio asks the caller to confirm by a key. */
  isConfirming: boolean;
  /** Seconds until Twilio stops to listen, of how many; 0 if it does not listen. */
  secondsLeft: number;
  timeout: number;
  /** Since the processor was asked. */
  completingSeconds: number;
  caller: string;
  /** How long the call lasts; 0 if it is not known. */
  callSeconds: number;
  ending: Ending;
  confirmationCode: string;
  token: string;
  processorWords: string;
  /** Who has it; empty if nobody is known to. */
  holder: string;
  /** Whether it is the reader's. */
  isMine: boolean;
  /** What the reader may do; `any` also with the payments of others, once they have taken them over. */
  may: { write: boolean; charge: boolean; any: boolean };
  /** The reader's own name. */
  you: string;
  history: HistoryEntry[];
  /** When it was last written, epoch milliseconds. */
  updatedAt: number;
  /** The arguments that start a payment like this one. */
  terms: Record<string, unknown>;
  startedAt: number;
}

/** A payment of which nothing is known. */
export const EMPTY_PAYMENT: Payment = {
  callSid: '',
  paymentSid: '',
  phase: '',
  revision: 0,
  nextStep: '',
  say: '',
  language: 'en',
  before: '',
  amount: 0,
  currency: '',
  reference: '',
  paymentMethod: '',
  connector: '',
  cardType: '',
  expirationDate: '',
  fields: [],
  triesAllowed: 0,
  isCanceling: false,
  isConfirming: false,
  secondsLeft: 0,
  timeout: 0,
  completingSeconds: 0,
  caller: '',
  callSeconds: 0,
  ending: '',
  confirmationCode: '',
  token: '',
  processorWords: '',
  holder: '',
  isMine: false,
  may: { write: false, charge: false, any: false },
  you: '',
  history: [],
  updatedAt: 0,
  terms: {},
  startedAt: 0,
};

export interface CallInProgress {
  callSid: string;
  number: string;
  seconds: number;
}

/** All that the list shows. */
export interface LiveList {
  payments: Payment[];
  you: string;
  may: { write: boolean; charge: boolean; any: boolean };
  currencies: string[];
  languages: string[];
  /** Of callers, if nothing else is said. */
  language: string;
}
