import { hasCheckDigit } from './cards.ts';
import type { PaymentSession } from './payment-session.ts';
import type { Random } from './random.ts';
import type { Switches } from './switches.ts';

/** Something that the payment processor really did: money taken, or a token made. */
export interface Charge {
  readonly at: string;
  readonly paymentSid: string;
  readonly callSid: string;
  /** As sent to the processor, with its currency; absent for a tokenization. */
  readonly amount?: string;
  readonly currency?: string;
  readonly confirmationCode?: string;
  readonly token?: string;
  readonly profileId?: string;
  /** Of the `complete` request that led to it. */
  readonly idempotencyKey: string;
}

/** The processor's verdict, as parameters of the last callback. */
export interface Verdict {
  readonly approved: boolean;
  readonly outcome: Readonly<Record<string, string>>;
  readonly charge?: Omit<Charge, 'at'>;
}

/** Refused cards. The numbers are those of a well-known gateway's test mode; texts and ConnectorError are invented. */
const REFUSED_CARDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '4000000000000002': refusal('64012', 'card_declined', 'Your card was declined.'),
  '4000000000009995': refusal('64012', 'insufficient_funds', 'Your card has insufficient funds.'),
  '4000000000000119': refusal('64002', 'processing_error', 'The payment provider could not be reached.'),
};

/** Judges a payment: by its card number, or as the switch says. */
export function judge(session: PaymentSession, switches: Switches, random: Random): Verdict {
  const refused = refusalOf(session, switches);
  if (refused) return { approved: false, outcome: refused };
  const { terms, sid, callSid, completionKey } = session;
  const made = { paymentSid: sid, callSid, idempotencyKey: completionKey };
  if (terms.chargeAmount !== undefined) {
    const confirmationCode = code('ch_', switches, random);
    return {
      approved: true,
      outcome: {
        Result: 'success',
        PaymentConfirmationCode: confirmationCode,
        PaymentToken: '',
        ProfileId: '',
      },
      charge: { ...made, amount: terms.chargeAmount, currency: terms.currency, confirmationCode },
    };
  }
  const token = code('tok_', switches, random);
  const profileId = random.uuid();
  return {
    approved: true,
    outcome: { Result: 'success', PaymentConfirmationCode: '', PaymentToken: token, ProfileId: profileId },
    charge: { ...made, token, profileId },
  };
}

function refusalOf(
  session: PaymentSession,
  switches: Switches,
): Readonly<Record<string, string>> | undefined {
  switch (switches.processorOutcome) {
    case 'approve':
      return undefined;
    case 'decline':
      return REFUSED_CARDS['4000000000000002'];
    case 'unavailable':
      return REFUSED_CARDS['4000000000000119'];
    case 'validation-error':
    case 'internal-error':
      return {
        Result: switches.processorOutcome,
        PayErrorCode: '64020',
        PaymentError: 'The payment was not made.',
      };
    case 'by-card':
      return REFUSED_CARDS[session.entered.get('payment-card-number') ?? ''];
  }
}

function refusal(code: string, connectorError: string, text: string): Readonly<Record<string, string>> {
  return {
    Result: 'payment-connector-error',
    PayErrorCode: code,
    ConnectorError: connectorError,
    PaymentError: text,
  };
}

/** A gateway's code. All-digit ones begin with 9, which no card brand does, so that they are codes for certain. */
function code(prefix: string, switches: Switches, random: Random): string {
  if (switches.numericCodes === false) return prefix + random.text(24);
  for (;;) {
    const digits = `9${random.digits(15)}`;
    if (hasCheckDigit(digits) === (switches.numericCodes === 'luhn')) return digits;
  }
}
