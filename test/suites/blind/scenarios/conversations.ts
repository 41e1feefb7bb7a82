import { beginsAnd, hangsUp, keepsSilent } from '../caller.ts';
import type { Scenario } from '../play.ts';
import { CANCELED, COMPLETED, DECLINED, MISTYPED, VISA } from './common.ts';

const NO_MORE_CARDS = { says: 'No, that is the only one I have.', isYes: false };

/** Calls as they happen, with a caller who speaks: the documentation shows them. */
export const CONVERSATIONS: readonly Scenario[] = [
  {
    name: 'A charge',
    answers: { 'agree.charge.card': { says: 'Yes, please.', isYes: true } },
    end: { ...COMPLETED, said: 'paid' },
  },
  {
    name: 'A card number that is mistyped twice',
    caller: { 'payment-card-number': [MISTYPED, MISTYPED, VISA] },
    errors: ['invalid-card-number', 'invalid-card-number'],
    end: COMPLETED,
  },
  {
    name: 'A card number that the caller says aloud, and the model notes down',
    start: { chargeAmount: 12.5, description: 'Card 5555 5555 5555 4444' },
    answers: {
      'never-aloud': {
        says: 'Oh, sorry. I will type it then.',
        isYes: true,
        terms: { description: 'Invoice 1001' },
      },
    },
    end: COMPLETED,
  },
  {
    name: 'An amount that the caller wants changed when everything is in',
    answers: {
      'agree.charge.card': [
        { says: 'No, we said ten dollars.', isYes: false },
        { says: 'Yes, that is right.', isYes: true },
      ],
    },
    again: [{ chargeAmount: 10 }],
    end: { ...COMPLETED, sessions: 2 },
  },
  {
    name: 'A phone whose keypad does not work',
    caller: { 'payment-card-number': keepsSilent },
    answers: { 'another-way': { says: 'I would rather talk to somebody.', isYes: true } },
    end: CANCELED,
  },
  {
    name: 'A card that is declined, and another one that is not',
    caller: { 'payment-card-number': [DECLINED, VISA] },
    answers: { 'result.declined': { says: 'Yes, I have another one.', isYes: true } },
    end: { ...COMPLETED, sessions: 2 },
  },
  {
    name: 'A card that is declined, and no other one',
    caller: { 'payment-card-number': DECLINED },
    answers: { 'result.declined': NO_MORE_CARDS },
    end: { phase: 'failed', result: 'payment-connector-error', said: 'result.declined' },
  },
  {
    name: 'Two cards that are declined',
    caller: { 'payment-card-number': DECLINED },
    answers: { 'result.declined': { says: 'Yes, try this one.', isYes: true } },
    end: { phase: 'failed', result: 'payment-connector-error', said: 'result.declined-again', sessions: 2 },
  },
  {
    name: 'A payment that is started on the wrong leg of the call',
    startsOnAgentsLeg: true,
    callersLeg: 'child',
    end: COMPLETED,
  },
  {
    name: 'Answers that get lost',
    loses: (tool, times) =>
      ['startPaymentCapture', 'captureCardNumber', 'completePaymentCapture'].includes(tool) && times === 0
        ? 'answer'
        : undefined,
    end: COMPLETED,
  },
  {
    name: 'A caller who speaks German',
    start: { chargeAmount: 49.9, currency: 'EUR', language: 'de' },
    setup: { variables: { ALLOWED_CURRENCIES: 'USD EUR', MAX_CHARGE_AMOUNT: 'USD 1000 EUR 1000' } },
    caller: { 'security-code': ['12#', '123'] },
    answers: { 'agree.charge.card': { says: 'Ja, gerne.', isYes: true } },
    end: COMPLETED,
  },
  {
    name: 'A caller who hangs up while typing',
    hasDigits: true,
    caller: { 'expiration-date': beginsAnd('12', hangsUp) },
    end: { phase: 'failed', result: 'caller-hung-up' },
  },
];
