import type { IconName } from './icons.ts';
import type { Action } from './model.ts';
import type { Capture, FieldState } from './payment.ts';
import type { Part } from './words.ts';

/** What a payment's screen shows, in words: made by `paymentScreen`, drawn by `renderPayment`. */

export type Tone = '' | 'go' | 'good' | 'warn' | 'bad' | 'off';

export interface Tag {
  tone: Tone;
  icon: IconName;
  text: string;
}

export interface Button {
  text: string;
  action: Action;
  /** The key that does the same, as it is named on the button. */
  key?: string;
  icon?: IconName;
  tone?: 'go' | 'stop';
}

/** Who is at work, in the place of the primary button. */
export interface Turn {
  icon: IconName;
  turn: string;
}

export interface Band {
  tone: '' | 'say' | 'warn';
  icon: IconName;
  caption: string;
  text: string;
  /** The language of a sentence for the caller, which stands in quotation marks. */
  language?: string;
  /** Said of the language if it is not the desk's own. */
  languageName?: string;
}

export interface Row {
  capture: Capture;
  state: FieldState;
  name: string;
  text: string;
  /** A mark for each digit typed so far. */
  marks: number;
  count: string;
  left?: { seconds: number; of: number };
  tries: string;
  again?: Action;
  isStrong: boolean;
}

export type Body =
  | { kind: 'rows'; rows: Row[]; isStale: boolean }
  | { kind: 'look'; brand: string; digits: string; date: string; sentence: Part[] }
  | {
      kind: 'result';
      tone: Tone;
      icon: IconName;
      title: string;
      texts: string[];
      steps: string[];
      code?: { label: string; text: string };
    };

/** The states of a payment's screen. Each has its own sign and word. */
export type StateName =
  | 'waiting'
  | 'listening'
  | 'typing'
  | 'refused'
  | 'stop'
  | 'ready'
  | 'look'
  | 'confirming'
  | 'completing'
  | 'unknown'
  | 'paid'
  | 'saved'
  | 'declined'
  | 'failed'
  | 'asked'
  | 'canceling'
  | 'canceled'
  | 'star'
  | 'ended'
  | 'watching'
  | 'handed-over'
  | 'offline'
  | 'busy';

export interface PaymentScreen {
  state: StateName;
  amount: string;
  /** Said beside an amount whose sign several currencies share. */
  currency: string;
  reference: string;
  caller: string;
  callTime: string;
  isCallOver: boolean;
  who: { icon: IconName; text: string };
  tag: Tag;
  live: { text: string; isStale: boolean };
  band: Band;
  body: Body;
  primary: Button | Turn;
  secondary?: Button | { text: string; disabled: true };
  note: string;
  notice: string;
  /** What a screen reader is told when this state begins. */
  announcement: string;
  history: { time: string; text: string }[];
  details: { label: string; text: string }[];
}
