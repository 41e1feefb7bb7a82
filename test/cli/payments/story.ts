import { failureGuide } from '../../../functions/payments/advice/endings.ts';
import { CAPTURE_GUIDE } from '../../../functions/payments/advice/error-types.ts';
import { quoteOutsideText } from '../../../functions/payments/advice/outside-text.ts';
import type { Stored } from '../../../functions/payments/ports.ts';
import { CAPTURES, type Capture } from '../../../functions/payments/session/fields.ts';
import { reportedCharge } from '../../../functions/payments/session/phase.ts';
import type { AuditEntry, PaymentSession } from '../../../functions/payments/session/session.ts';
import { type Facts, factsOf, timeOf } from './facts.ts';

/** The story of one payment in words. @param now epoch milliseconds. */
export function storyOf(stored: Stored<PaymentSession>, now: number): string {
  const { data: session } = stored;
  const facts = factsOf(stored, now);
  return [
    `Payment ${facts.paymentSid} on call ${facts.callSid}: ${facts.state}.`,
    termsOf(session, facts),
    '',
    ...timelineOf(session),
    '',
    ...fieldsOf(session),
    ...twilioSaid(session),
    `Its document last changed at ${facts.updatedAt}.`,
    ...adviceOf(facts),
  ].join('\n');
}

function termsOf(
  { terms }: PaymentSession,
  { chargeAmount, currency, card, confirmationCode }: Facts,
): string {
  if (!terms) return 'Its terms are not known: its start was interrupted, or made elsewhere.';
  const what = chargeAmount > 0 ? `A charge of ${chargeAmount} ${currency}` : 'A token, without a charge';
  const parts = [
    what,
    card && `from ${card}`,
    terms.description && `for ${quoteOutsideText(terms.description)}`,
    `by the connector ${quoteOutsideText(terms.paymentConnector) || 'Default'}`,
    confirmationCode && `confirmation code ${quoteOutsideText(confirmationCode) || '(withheld)'}`,
  ];
  return `${parts.filter(Boolean).join(', ')}.`;
}

/** What was done, by whom, in the order in which it was done. */
function timelineOf({ audit, openings }: PaymentSession): string[] {
  const asked = openings.map(({ at, client, capture }) => ({
    at,
    text: `${client} asked for the ${CAPTURE_GUIDE[capture as Capture]?.name ?? capture}.`,
  }));
  const done = audit.map((entry) => ({ at: entry.at, text: `${entry.client} ${deedOf(entry)}.` }));
  const lines = [...asked, ...done].sort((one, other) => one.at - other.at);
  if (lines.length === 0) return ['Nobody here did anything to it: it is known from callbacks alone.'];
  return lines.map(({ at, text }) => `${timeOf(at)}  ${text}`);
}

const CONFIRMED: Record<string, string> = {
  none: 'nothing was confirmed before',
  model: 'the model had repeated amount, currency and last digits',
  person: 'a person had accepted the charge in a form',
};

const DEEDS: Record<string, string> = {
  start: 'started it',
  'take-over': 'took it over',
  complete: 'asked Twilio to complete it',
  cancel: 'asked Twilio to cancel it',
  settle: 'looked it up at the processor',
};

const OUTCOMES: Record<string, string> = {
  asked: '',
  done: '',
  paid: 'it was charged',
  'not-paid': 'nothing was charged',
};

function deedOf({ action, from, confirmed, outcome }: AuditEntry): string {
  const came = OUTCOMES[outcome] ?? `refused: ${outcome}`;
  return [DEEDS[action] ?? action, from && `from ${from}`, CONFIRMED[confirmed], came]
    .filter(Boolean)
    .join('; ');
}

function fieldsOf({ fields }: PaymentSession): string[] {
  return CAPTURES.flatMap((capture) => {
    const field = fields[capture];
    if (!field) return [];
    const failures = field.errors.map(({ type }) => type).join(', ');
    return [
      `The ${CAPTURE_GUIDE[capture].name}: ${STATES[field.state]}${failures && `; failed before: ${failures}`}.`,
    ];
  });
}

const STATES = {
  asked: 'asked for, and nothing heard',
  heard: 'being typed',
  error: 'failed',
  captured: 'captured',
} as const;

function twilioSaid(session: PaymentSession): string[] {
  const { outcome, callEnded, sessionError, canceled } = session;
  const lines: string[] = [];
  if (outcome) {
    const codes = [outcome.result, outcome.payErrorCode].filter(Boolean).join(' ');
    const why = outcome.result === 'success' ? '' : ` ${failureGuide(session, outcome).why}`;
    lines.push(`Twilio reported: ${codes}.${why}`);
    const words = [outcome.connectorError, outcome.paymentError].map(quoteOutsideText).filter(Boolean);
    if (words.length > 0) lines.push(`The processor's words: ${words.join(' ')}.`);
  } else if (reportedCharge(session) === 'unknown') {
    lines.push('Twilio was asked to complete it, and has never said what came of it.');
  } else lines.push('Twilio has reported no result.');
  if (canceled) lines.push('Twilio has confirmed a cancel.');
  if (sessionError) lines.push(`The session failed: ${sessionError}.`);
  if (callEnded) lines.push(`The call was found to be over: ${callEnded}.`);
  return lines;
}

function adviceOf({ state, paymentSid, chargeAmount, currency, completedAt }: Facts): string[] {
  if (state !== 'unknown outcome') return [];
  return [
    '',
    `Look it up at the processor: ${chargeAmount} ${currency}, about ${completedAt}. Then one of`,
    `  npm run payments -- settle ${paymentSid} --paid CODE`,
    `  npm run payments -- settle ${paymentSid} --not-paid`,
    'Twilio may still report a result: it counts, whatever was settled.',
  ];
}
