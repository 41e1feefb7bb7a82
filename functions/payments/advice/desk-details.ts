import type { Stored } from '../ports.ts';
import { CAPTURES, type Capture } from '../session/fields.ts';
import { nextCommand } from '../session/fold.ts';
import { holderOf } from '../session/holder.ts';
import {
  capturingField,
  chargeOf,
  failedField,
  isCaptured,
  isFinished,
  isOutcomeUnknown,
  isSilent,
  phaseOf,
} from '../session/phase.ts';
import { isPending, type PaymentSession, requiredFields } from '../session/session.ts';
import { failureGuide } from './endings.ts';
import { errorGuide, NOT_HEARD } from './error-types.ts';
import { nextCapture, requestAfterSilence, requestFor } from './field-requests.ts';
import { quoteOutsideText } from './outside-text.ts';
import { SILENCE, type Speech, speech } from './sentences.ts';
import type { View } from './status.ts';

/** Seconds for the first digit, if the payment says nothing else: after that the advice is to ask again. */
const FIRST_DIGIT = 20;
/** Seconds between two digits for which Twilio waits if it is told nothing else (https://www.twilio.com/docs/voice/api/payment-resource, Timeout). */
const DEFAULT_TIMEOUT = 5;

/** Who looks at a payment, and what they may do. */
export interface Reader {
  client: string;
  scopes: readonly string[];
}

type DeskFieldState = 'waiting' | 'listening' | 'typing' | 'refused' | 'done';

/** How a payment came to its end, for a screen that has words of its own for each. */
type DeskEnding =
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

/**
 * What a person's screen needs beside the status: in facts, for the screen has its own words. It is no part of what a
 * model reads.
 */
export type DeskDetails = ReturnType<typeof deskDetails>;

export function deskDetails(stored: Stored<PaymentSession>, view: View, { client, scopes }: Reader) {
  const { data: session } = stored;
  const { terms, caller, audit, completing } = session;
  const { now } = view;
  const language = terms?.language ?? view.language;
  const holder = holderOf(session);
  const isCompleting = phaseOf(session) === 'completing';
  const ending = endingOf(session, now);
  return {
    you: client,
    may: rightsOf(scopes),
    holder,
    isMine: holder === client,
    language,
    before: view.speak(speechBefore(stored, now), language),
    reference: terms?.description ?? '',
    connector: terms?.paymentConnector ?? '',
    fields: fieldsOf(stored, now),
    triesAllowed: view.maxAttempts,
    ...listeningOf(stored, now),
    isCanceling: isPending(session.canceling),
    isConfirming: isCompleting && terms?.confirmation === true,
    ...(isCompleting && completing.at > 0 && { completingSeconds: secondsBetween(completing.at, now) }),
    ...(caller?.number && { caller: caller.number }),
    ...(caller?.since && !session.callEnded && { callSeconds: secondsBetween(caller.since, now) }),
    ending,
    processorWords: ending === 'declined' || ending === 'down' ? processorWordsOf(session) : '',
    startedAt: audit[0]?.at ?? Date.parse(stored.updatedAt),
    history: historyOf(session),
    terms: termsOf(session),
  };
}

/** What a screen may offer to somebody with these scopes. */
export function rightsOf(scopes: readonly string[]) {
  return {
    write: scopes.includes('payments:write'),
    charge: scopes.includes('payments:charge'),
    any: scopes.includes('payments:any'),
  };
}

/** What to say before the next field is opened: how it works, then what the caller will type. */
function speechBefore(stored: Stored<PaymentSession>, now: number): Speech {
  const { data: session } = stored;
  const next = nextCapture(session);
  if (!next || isFinished(session)) return SILENCE;
  const open = capturingField(session);
  if (open) return isSilent(stored, now) ? requestAfterSilence(session, open) : SILENCE;
  return phaseOf(session) === 'started'
    ? speech('how-it-works')
    : requestFor(session, next, nextCommand(session) - 1);
}

function secondsBetween(from: number, to: number): number {
  return Math.max(0, Math.round((to - from) / 1000));
}

/** Who did what when: what is audited, and the fields that were asked for. */
function historyOf({ audit, openings }: PaymentSession) {
  return [
    ...audit.map(({ at, client, action, outcome }) => ({ at, client, action, outcome })),
    ...openings.map(({ at, client, capture }) => ({
      at,
      client,
      action: `capture ${capture}`,
      outcome: 'done',
    })),
  ].sort((a, b) => a.at - b.at);
}

/** What is required, in the order in which it is asked for, with the state of each. */
function fieldsOf(stored: Stored<PaymentSession>, now: number) {
  const { data: session } = stored;
  const required = requiredFields(session);
  const open = capturingField(session);
  const failed = failedField(session);
  const isLost = isSilent(stored, now);
  return CAPTURES.filter((name) => required.includes(name)).map((name) => {
    const record = session.fields[name];
    const errors = record?.errors ?? [];
    const failures = errors.filter(({ type }) => errorGuide(type).by === 'caller').length;
    const state = stateOf(name);
    const isUnheard = state === 'refused' && name === open;
    return {
      name,
      state,
      value: state === 'typing' || state === 'done' ? (record?.value ?? '') : '',
      failures: failures + (isUnheard ? 1 : 0),
      ...(state === 'refused' && { error: isUnheard ? NOT_HEARD : (errors.at(-1)?.type ?? '') }),
    };
  });

  function stateOf(name: Capture): DeskFieldState {
    if (isCaptured(session, name)) return 'done';
    // Nothing was heard for so long that what the caller typed must be lost.
    if (name === open && isLost) return 'refused';
    if (name === open) return session.fields[name]?.state === 'heard' ? 'typing' : 'listening';
    return name === failed && !isFinished(session) ? 'refused' : 'waiting';
  }
}

/** Seconds until Twilio stops to listen: from the opening of the field, then from each digit. */
function listeningOf({ data, updatedAt }: Stored<PaymentSession>, now: number) {
  const open = capturingField(data);
  if (!open) return {};
  const isTyping = data.fields[open]?.state === 'heard';
  const timeout = data.terms?.timeout || (isTyping ? DEFAULT_TIMEOUT : FIRST_DIGIT);
  const since = isTyping ? Date.parse(updatedAt) : (data.openings.at(-1)?.at ?? Date.parse(updatedAt));
  return { timeout, secondsLeft: Math.max(0, timeout - secondsBetween(since, now)) };
}

function endingOf(session: PaymentSession, now: number): DeskEnding {
  const { outcome, terms, callEnded } = session;
  const phase = phaseOf(session);
  if (phase === 'completed') {
    return (terms?.chargeAmount ?? 0) > 0 || outcome?.paymentConfirmationCode ? 'paid' : 'saved';
  }
  const isEnded = isFinished(session);
  if (isOutcomeUnknown(session, now) || (isEnded && chargeOf(session) === 'unknown')) return 'unknown';
  if (!isEnded) return '';
  if (phase === 'canceled') return 'canceled';
  if (!outcome) return callEnded ? 'call-ended' : 'failed';
  const endings: Record<string, DeskEnding> = {
    'caller-hung-up': 'call-ended',
    'caller-interrupted-with-star': 'star',
    'too-many-failed-attempts': 'too-many',
    'validation-error': 'refused-data',
    'payment-connector-error': 'declined',
  };
  const ending = (Object.hasOwn(endings, outcome.result) && endings[outcome.result]) || 'failed';
  if (ending !== 'declined') return ending;
  const { say } = failureGuide(session, outcome);
  if (say === 'result.processor-down') return 'down';
  return say === 'result.refused-data' ? 'refused-data' : 'declined';
}

function processorWordsOf({ outcome }: PaymentSession): string {
  const words = [outcome?.connectorError ?? '', outcome?.paymentError ?? ''].map(quoteOutsideText);
  return [...new Set(words.filter(Boolean))].join(' ');
}

/** The arguments of startPaymentCapture that start a payment like this one. */
function termsOf({ terms }: PaymentSession): Record<string, unknown> {
  if (!terms) return {};
  const { required, parameter } = terms;
  const matching = required.flatMap((name) => (name.endsWith('-matcher') ? [name.slice(0, -8)] : []));
  return {
    ...(terms.chargeAmount > 0 ? { chargeAmount: terms.chargeAmount } : {}),
    ...(terms.tokenType && { tokenType: terms.tokenType }),
    currency: terms.currency,
    ...(terms.description && { description: terms.description }),
    paymentMethod: terms.paymentMethod,
    paymentConnector: terms.paymentConnector,
    ...(terms.bankAccountType && { bankAccountType: terms.bankAccountType }),
    ...(terms.paymentMethod === 'credit-card' && {
      securityCode: required.includes('security-code'),
      postalCode: required.includes('postal-code'),
    }),
    ...(matching.length > 0 && { requireMatchingInputs: matching }),
    ...(terms.minPostalCodeLength > 0 && { minPostalCodeLength: terms.minPostalCodeLength }),
    ...(terms.validCardTypes.length > 0 && { validCardTypes: terms.validCardTypes }),
    ...(terms.timeout > 0 && { timeout: terms.timeout }),
    ...(terms.confirmation && { confirmation: true }),
    ...(Object.keys(parameter).length > 0 && { parameter }),
    language: terms.language,
  };
}
