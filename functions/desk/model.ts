import type { CallInProgress, Capture, LiveList, Payment } from './payment.ts';
import type { Source } from './source.ts';
import type { Language } from './words.ts';

/** What a button does. */
export type Action =
  | { do: 'capture'; capture: Capture }
  | {
      do: 'look' | 'back' | 'charge' | 'ask-cancel' | 'cancel' | 'ask-bank' | 'keep';
    }
  | { do: 'copy'; text: string }
  | { do: 'refresh' | 'list' | 'keys' | 'auto' | 'shortcuts' }
  | { do: 'turn'; page: number }
  | { do: 'new'; from?: Partial<Form> }
  | { do: 'open'; callSid: string; paymentSid: string }
  /** `another` beside what the call has paid, or may have paid. */
  | { do: 'start' | 'restart' | 'take-over'; another?: boolean }
  | { do: 'use-token' | 'sign-in' | 'sign-out' }
  | { do: 'language'; language: Language };

/** The form of a new payment, as it is typed. */
export interface Form {
  /** A call in progress; `other` for one whose SID is typed. */
  call: string;
  callSid: string;
  kind: 'charge' | 'save' | 'bank';
  amount: string;
  currency: string;
  reference: string;
  language: string;
  holderName: string;
  accountType: string;
}

export const EMPTY_FORM: Form = {
  call: '',
  callSid: '',
  kind: 'charge',
  amount: '',
  currency: '',
  reference: '',
  language: '',
  holderName: '',
  accountType: 'consumer-checking',
};

export type Route =
  | { view: 'list' }
  | { view: 'new' }
  | { view: 'payment'; callSid: string; paymentSid: string };

/** How the last reads went. */
export interface Link {
  state: 'live' | 'offline' | 'busy';
  /** When the shown payment was read last, epoch milliseconds; 0 if never. */
  readAt: number;
  /** When the next read is due, if the last one failed. */
  retryAt: number;
}

/** How a person may sign in here; undefined inside a chat, whose host has done it. */
export interface Door {
  withAccount: boolean;
  withToken: boolean;
  /** Why the door is shut again. */
  reason: '' | 'locked' | 'expired' | 'refused' | 'failed';
  token: string;
  keep: boolean;
  idleMinutes: number;
}

export interface Model {
  now: number;
  language: Language;
  /** Inside a chat there is one payment, and no bar. */
  isChat: boolean;
  door: Door | undefined;
  isSignedIn: boolean;
  /** The reader's own name, as the server logs it. */
  you: string;
  route: Route;
  form: Form;
  /** What is wrong with the form, or what the server said of the last action. */
  notice: string;
  /** When the server has said that this call has paid, or may have paid, epoch milliseconds; 0 if it has not. */
  paidBefore: number;
  payment: Payment | undefined;
  list: LiveList | undefined;
  listReadAt: number;
  calls: CallInProgress[];
  link: Link;
  /** What was pressed and is not answered yet. */
  busy: Action | undefined;
  ask: { for: 'cancel' | 'look'; since: number } | undefined;
  isSheetOpen: boolean;
  /** The next field opens when one is done. */
  isAuto: boolean;
  /** Single keys work. */
  hasShortcuts: boolean;
  copied: string;
  canCopy: boolean;
  /** What was seen here, beside the server's history. */
  seen: { at: number; what: 'taken' | 'refused'; capture: Capture }[];
  /** Of a wall, once somebody has turned to it. */
  page: number | undefined;
}

/** A desk that shows nothing yet. */
export const EMPTY_MODEL: Model = {
  now: 0,
  language: 'en',
  isChat: false,
  door: undefined,
  isSignedIn: false,
  you: '',
  route: { view: 'list' },
  form: EMPTY_FORM,
  notice: '',
  paidBefore: 0,
  payment: undefined,
  list: undefined,
  listReadAt: 0,
  calls: [],
  link: { state: 'live', readAt: 0, retryAt: 0 },
  busy: undefined,
  ask: undefined,
  isSheetOpen: false,
  isAuto: true,
  hasShortcuts: true,
  copied: '',
  canCopy: false,
  seen: [],
  page: undefined,
};

/** What a part of the desk may do to it. */
export interface Desk {
  readonly model: Model;
  /** Changes what is known, and with it what is shown. */
  update(change: Partial<Model>): void;
  /** Where everything comes from; undefined while nobody is signed in. */
  source(): Source | undefined;
  /** The credential does not work any more. */
  expire(): void;
  /** Reads anew at once. */
  refresh(): void;
}
