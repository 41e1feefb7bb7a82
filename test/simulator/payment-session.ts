import type { CardType } from './cards.ts';
import { type CaptureName, type EntryRules, FIELDS, type Field } from './fields.ts';
import type { Switches } from './switches.ts';

/** The parameters of a create request, checked. */
export interface PaymentTerms {
  readonly paymentConnector: string;
  readonly paymentMethod: 'credit-card' | 'ach-debit';
  /** As it was sent; undefined where the payment is a tokenization. */
  readonly chargeAmount: string | undefined;
  readonly currency: string;
  readonly tokenType: string;
  readonly bankAccountType: string | undefined;
  readonly description: string | undefined;
  readonly postalCode: boolean;
  readonly securityCode: boolean;
  readonly minPostalCodeLength: number | undefined;
  readonly validCardTypes: readonly CardType[];
  readonly matching: readonly Field[];
  readonly confirmation: boolean;
  /** Seconds between two digits; undefined if it was not sent. */
  readonly timeout: number | undefined;
}

/**
 * `open`: captures may be asked for. `confirming`: the caller is asked to press 1 or 2. `completing`: with the
 * processor. `failed`: refused by the processor, and may be completed again (a switch). `finished`: had its last
 * callback. `refused`: a second session on a call, never live.
 */
export type PaymentState = 'open' | 'confirming' | 'completing' | 'failed' | 'finished' | 'refused';

/** One payment session. Holds the digits in clear, as Twilio must; nothing outside the simulator's core sees them. */
export interface PaymentSession {
  readonly sid: string;
  readonly callSid: string;
  readonly terms: PaymentTerms;
  readonly createdAt: number;
  updatedAt: number;
  /** Of the latest accepted request. */
  statusCallback: string;
  state: PaymentState;
  result: string | undefined;
  readonly entered: Map<Field, string>;
  readonly matched: Set<Field>;
  cardType: CardType | undefined;
  listening: { readonly capture: CaptureName | 'confirmation'; digits: string } | undefined;
  /** The key of the `complete` that is being worked on. */
  completionKey: string;
}

/** What `payments()` shows of a session: no digits. */
export interface SimulatedPayment {
  readonly sid: string;
  readonly callSid: string;
  readonly state: PaymentState;
  readonly result: string | undefined;
  readonly listeningFor: string | undefined;
  readonly captured: readonly string[];
  readonly required: readonly string[];
  readonly statusCallback: string;
  readonly paymentConnector: string;
  readonly paymentMethod: string;
  readonly chargeAmount: string | undefined;
  readonly currency: string;
  readonly tokenType: string;
  readonly timeout: number | undefined;
}

/** What a session asks the caller for: by payment method and the create parameters (Payment resource page). */
function neededFields({ paymentMethod, postalCode, securityCode }: PaymentTerms): Field[] {
  if (paymentMethod === 'ach-debit') return ['bank-routing-number', 'bank-account-number'];
  const skipped: Field[] = [
    ...(securityCode ? [] : ['security-code' as const]),
    ...(postalCode ? [] : ['postal-code' as const]),
  ];
  return FIELDS.slice(0, 4).filter((field) => !skipped.includes(field));
}

/** The captures still missing, in Twilio's order. Whether matchers count is up to the caller's switch. */
export function requiredCaptures(session: PaymentSession, withMatchers: boolean): CaptureName[] {
  return neededFields(session.terms).flatMap((field) => {
    const missing: CaptureName[] = session.entered.has(field) ? [] : [field];
    const matches = withMatchers && session.terms.matching.includes(field) && !session.matched.has(field);
    return matches ? [...missing, `${field}-matcher` as const] : missing;
  });
}

/** Notes that something happened to the session. Its dates never go back, even where digits were hurried. */
export function touch(session: PaymentSession, now: number, atLeastLater = 0): void {
  session.updatedAt = Math.max(now, session.updatedAt + atLeastLater);
}

/** A live session keeps its call from having another one. */
export function isLive({ state }: PaymentSession): boolean {
  return state === 'open' || state === 'confirming' || state === 'completing';
}

export function entryRules(session: PaymentSession, now: number): EntryRules {
  const { validCardTypes, minPostalCodeLength } = session.terms;
  return { validCardTypes, minPostalCodeLength, cardType: session.cardType, now };
}

export function viewOf(
  session: PaymentSession,
  switches: Pick<Switches, 'matcherInRequired'>,
): SimulatedPayment {
  const { sid, callSid, state, result, statusCallback, terms } = session;
  return {
    sid,
    callSid,
    state,
    result,
    listeningFor: session.listening?.capture,
    captured: [...session.entered.keys()],
    required: requiredCaptures(session, switches.matcherInRequired),
    statusCallback,
    paymentConnector: terms.paymentConnector,
    paymentMethod: terms.paymentMethod,
    chargeAmount: terms.chargeAmount,
    currency: terms.currency,
    tokenType: terms.tokenType,
    timeout: terms.timeout,
  };
}
