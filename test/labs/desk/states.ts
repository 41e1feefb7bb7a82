import type { Page } from 'playwright-core';

/** A status as the server gives it to the desk; `desk` is completed by `statusOf`. */
type Json = Record<string, unknown>;

export const CALL = `CA${'3f81a0c2'.repeat(4)}`;
export const PAYMENT = `PK${'7b04d1e5'.repeat(4)}`;
const AT = Date.parse('2026-11-27T14:02:08Z');
/** When the states are looked at. */
export const NOW = AT + 140_000;

const FIELDS = ['payment-card-number', 'security-code', 'expiration-date'];

type State = 'waiting' | 'listening' | 'typing' | 'refused' | 'done';
const field = (name: string, state: State, more: Json = {}) => ({
  name,
  state,
  value: '',
  failures: 0,
  ...more,
});
const card = (state: State = 'done', more: Json = {}) =>
  field('payment-card-number', state, { ...(state === 'done' && { value: 'xxxxxxxxxxxx4242' }), ...more });
const code = (state: State = 'waiting', more: Json = {}) =>
  field('security-code', state, { ...(state === 'done' && { value: 'xxx' }), ...more });
const date = (state: State = 'waiting') =>
  field('expiration-date', state, { ...(state === 'done' && { value: '1229' }) });
const FULL = [card(), code('done'), date('done')];

const entry = (seconds: number, action: string, client = 'dana.reyes', outcome = 'done') => ({
  at: AT + seconds * 1000,
  client,
  action,
  outcome,
});
const START = entry(0, 'start');
const OPENED = entry(23, 'capture payment-card-number');
const TAKEN = [START, OPENED, entry(72, 'capture security-code'), entry(101, 'capture expiration-date')];
const CHARGED = [...TAKEN, entry(114, 'complete', 'dana.reyes', 'asked')];

interface Parts extends Json {
  phase?: string;
  say?: string;
  desk?: Json;
}

/** A status of the server's from what is special about it. */
export function statusOf({ desk = {}, ...rest }: Parts = {}): Json {
  return {
    callSid: CALL,
    paymentSid: PAYMENT,
    phase: 'capturing',
    revision: 3,
    nextStep: 'wait',
    say: '',
    why: '',
    chargeAmount: 49.9,
    currency: 'USD',
    paymentMethod: 'credit-card',
    paymentCardType: '',
    expirationDate: '',
    paymentConfirmationCode: '',
    paymentToken: '',
    updatedAt: new Date(AT).toISOString(),
    ...rest,
    desk: {
      you: 'dana.reyes',
      may: { write: true, charge: true, any: true },
      holder: 'dana.reyes',
      isMine: true,
      language: 'en',
      before: '',
      reference: 'Invoice 1182',
      connector: 'Default',
      fields: FIELDS.map((name) => field(name, 'waiting')),
      triesAllowed: 3,
      isCanceling: false,
      isConfirming: false,
      caller: '+14155550199',
      callSeconds: 252,
      ending: '',
      processorWords: '',
      startedAt: AT,
      history: [START],
      terms: {},
      ...desk,
    },
  };
}

const CARD = { paymentCardType: 'visa', expirationDate: '1229' };
const READY = {
  phase: 'ready',
  say: 'Shall I take the payment of $49.90 from the card ending in 4242?',
  ...CARD,
  desk: { fields: FULL, history: TAKEN },
};
const ended = (phase: string, ending: string, say: string, more: Parts = {}): Parts => ({
  ...CARD,
  phase,
  say,
  ...more,
  desk: { fields: FULL, history: CHARGED, ending, ...more.desk },
});
const OTHERS = {
  isMine: false,
  holder: 'billing-bot',
  history: [entry(0, 'start', 'billing-bot'), entry(23, 'capture payment-card-number', 'billing-bot')],
};
const LISTENING: Parts = {
  say: 'Please type your card number on the keypad.',
  desk: {
    fields: [card('listening'), code(), date()],
    secondsLeft: 14,
    timeout: 20,
    history: [START, OPENED],
  },
};
const TYPING: Parts = {
  desk: {
    fields: [card('typing', { value: 'xxxxxxxxx' }), code(), date()],
    secondsLeft: 4,
    timeout: 5,
    history: [START, OPENED],
  },
};

export interface DeskState {
  name: string;
  /** What the server answers of the payment; none if another place is shown. */
  status?: Json;
  /** What of the list is special. */
  list?: Json;
  /** The place in the address, if it is not the payment's. */
  hash?: string;
  /** What the person does then. */
  act?: (desk: Page) => Promise<void>;
  /** What comes of every request from then on; a refusal is one of the charge, which the person then asks for. */
  later?: 'no connection' | 'too many' | 'refused';
  /** What is special about the page's settings. */
  settings?: Json;
  /** It needs a page of its own: nothing else is shown there before or after. */
  isAlone?: true;
  /** What is on the page in this state alone; by default its name as the payment's state. */
  shows?: string;
  isSignedOut?: boolean;
  language?: string;
}

const press = (id: string) => (desk: Page) => desk.locator(id).click();
const state = (name: string) => `[data-state="${name}"]`;

const LIVE = [
  {
    chargeAmount: 49.9,
    reference: 'Invoice 1182',
    fields: [card('refused', { failures: 2, error: 'invalid-card-number' }), code(), date()],
    callSeconds: 252,
  },
  {
    chargeAmount: 310,
    reference: 'Order 55-2041',
    fields: FULL,
    holder: 'billing-bot',
    callSeconds: 400,
    phase: 'ready',
  },
  {
    chargeAmount: 18,
    reference: 'Parking PCN 88213',
    fields: [card(), code('typing', { value: 'xx' }), date()],
    callSeconds: 115,
    secondsLeft: 5,
  },
  {
    chargeAmount: 1249,
    reference: 'Booking QX7-19',
    fields: [card('listening'), code(), date()],
    holder: 'billing-bot',
    callSeconds: 134,
    secondsLeft: 8,
  },
  {
    chargeAmount: 75.5,
    reference: 'Invoice 1179',
    fields: FULL,
    callSeconds: 423,
    phase: 'completing',
    completingSeconds: 3,
  },
  {
    chargeAmount: 220,
    reference: 'Policy 4410-B',
    fields: FULL,
    holder: 'maria.lindqvist',
    callSeconds: 571,
    phase: 'completing',
    ending: 'unknown',
  },
  {
    chargeAmount: 64.2,
    reference: 'Invoice 1184',
    fields: [card('listening'), code(), date()],
    holder: 'renewals-bot',
    callSeconds: 48,
    secondsLeft: 17,
  },
  {
    chargeAmount: 0,
    reference: 'Account 20817',
    fields: [card(), code('done'), date()],
    holder: 'tomasz.krol',
    callSeconds: 200,
  },
];

/** The list's payments as the server gives them. */
export function livePayments(count = 8, may = { write: true, charge: true, any: true }): Json[] {
  return Array.from({ length: count }, (_, place) => {
    const {
      chargeAmount,
      phase = 'capturing',
      ...desk
    } = LIVE[place % LIVE.length] as (typeof LIVE)[number] & { phase?: string };
    const { holder = 'dana.reyes' } = desk as { holder?: string };
    return statusOf({
      phase,
      chargeAmount,
      paymentSid: place === 0 ? PAYMENT : `PK${String(place).padStart(32, '0')}`,
      ...CARD,
      desk: { ...desk, holder, isMine: may.write && holder === 'dana.reyes', may, startedAt: AT + place },
    });
  });
}

export function listOf(more: Json = {}): Json {
  return {
    you: 'dana.reyes',
    may: { write: true, charge: true, any: true },
    currencies: ['USD', 'EUR'],
    languages: ['en', 'es', 'de', 'fr', 'zh'],
    language: 'en',
    payments: livePayments(5),
    ...more,
  };
}

const OVER = [
  ended('completed', 'paid', '', { chargeAmount: 49.9, desk: { reference: 'Invoice 1176' } }),
  ended('failed', 'declined', '', {
    chargeAmount: 880,
    desk: { reference: 'Order 55-2037', holder: 'billing-bot', isMine: false },
  }),
  ended('failed', 'call-ended', '', { chargeAmount: 35, desk: { reference: 'Invoice 1171' } }),
].map((parts, place) => statusOf({ ...parts, paymentSid: `PK${String(place + 90).padStart(32, '0')}` }));

const READER = { write: false, charge: false, any: false };

/** Every state of the desk: each has its own sign and word. */
export const STATES: DeskState[] = [
  { name: 'signed-out', shows: '.door', isSignedOut: true },
  {
    name: 'signed-out-account',
    shows: '.or',
    isSignedOut: true,
    isAlone: true,
    settings: { account: {}, withToken: true },
  },
  {
    name: 'locked',
    shows: '.notice.calm',
    status: statusOf(TYPING),
    isAlone: true,
    act: (desk) => desk.clock.fastForward('11:00'),
  },
  { name: 'unreadable', shows: '.empty .btn' },
  { name: 'list', shows: '.list.full .item', hash: '', list: { payments: [...livePayments(5), ...OVER] } },
  { name: 'list-empty', shows: '.list.full .empty', hash: '', list: { payments: [] } },
  {
    name: 'wall',
    shows: '.tile',
    hash: '',
    list: { may: READER, payments: livePayments(8, READER), you: 'ines.moreau' },
  },
  {
    name: 'wall-pages',
    shows: '.wallboard button',
    hash: '',
    list: { may: READER, payments: livePayments(21, READER) },
  },
  { name: 'new', shows: '#form select', hash: '#new', act: (desk) => desk.locator('#amount').fill('49.90') },
  { name: 'new-wrong', shows: '#form .notice', hash: '#new', act: press('#primary') },
  {
    name: 'new-bank',
    shows: '#form select',
    hash: '#kind=bank&amount=120&currency=USD&description=Rent+November&call=',
  },
  {
    name: 'started',
    shows: state('waiting'),
    status: statusOf({
      phase: 'started',
      desk: {
        before:
          'You will type your details on the phone keypad. Please do not say them aloud, and do not press star: it ends the payment.',
      },
    }),
  },
  {
    name: 'waiting',
    status: statusOf({
      desk: {
        fields: [card(), code(), date()],
        before: 'Please type the three or four digit security code.',
      },
      ...CARD,
    }),
  },
  { name: 'listening', status: statusOf(LISTENING) },
  { name: 'typing', status: statusOf(TYPING) },
  {
    name: 'second-try',
    shows: state('typing'),
    status: statusOf({
      ...CARD,
      desk: {
        ...TYPING.desk,
        fields: [card('typing', { value: 'xxxxxxxxxxxxxxxx', failures: 1 }), code('done'), date()],
      },
    }),
  },
  {
    name: 'not-heard',
    shows: state('refused'),
    status: statusOf({
      desk: {
        before: "I didn't get any digits. Please type your card number once more.",
        fields: [card('refused', { failures: 1, error: 'not-heard' }), code(), date()],
        history: [START, OPENED],
      },
    }),
  },
  {
    name: 'refused',
    status: statusOf({
      desk: {
        before: 'That card number was not accepted. Please enter it once more.',
        fields: [card('refused', { failures: 2, error: 'invalid-card-number' }), code(), date()],
        history: [START, OPENED, OPENED],
      },
    }),
  },
  {
    name: 'stop',
    status: statusOf({
      say: 'That did not work, so we will stop here. Would you like to pay another way, or talk to a colleague of mine?',
      desk: { fields: [card('refused', { failures: 3, error: 'invalid-card-number' }), code(), date()] },
    }),
  },
  {
    name: 'done',
    shows: state('listening'),
    status: statusOf({
      ...CARD,
      say: 'Please type the three or four digit security code.',
      desk: {
        fields: [card(), code('listening'), date()],
        secondsLeft: 19,
        timeout: 20,
        history: TAKEN.slice(0, 3),
      },
    }),
  },
  {
    name: 'postal-code',
    shows: state('typing'),
    status: statusOf({
      ...CARD,
      desk: {
        fields: [...FULL, field('postal-code', 'typing', { value: '941' })],
        secondsLeft: 4,
        timeout: 5,
      },
    }),
  },
  {
    name: 'typed-twice',
    shows: state('listening'),
    status: statusOf({
      ...CARD,
      say: 'Please type the card number once more, to make sure that it is right.',
      desk: {
        fields: [card(), field('payment-card-number-matcher', 'listening'), code(), date()],
        secondsLeft: 17,
        timeout: 20,
      },
    }),
  },
  { name: 'ready', status: statusOf(READY) },
  { name: 'look', status: statusOf(READY), act: press('#primary') },
  {
    name: 'history',
    shows: state('ready'),
    status: statusOf(READY),
    act: (desk) => desk.evaluate(`document.querySelector('.more').open = true`),
  },
  {
    name: 'confirming',
    status: statusOf({
      ...READY,
      phase: 'completing',
      say: 'You will hear the last digits of what you typed. Press one to confirm or two to stop.',
      desk: { ...READY.desk, isConfirming: true, completingSeconds: 4, history: CHARGED },
    }),
  },
  {
    name: 'completing',
    status: statusOf({
      ...READY,
      phase: 'completing',
      say: 'One moment please.',
      desk: { ...READY.desk, completingSeconds: 3, history: CHARGED },
    }),
  },
  {
    name: 'overdue',
    shows: state('completing'),
    status: statusOf({
      ...READY,
      phase: 'completing',
      nextStep: 'completePaymentCapture',
      say: 'One moment please.',
      desk: { ...READY.desk, completingSeconds: 9, history: CHARGED },
    }),
  },
  {
    name: 'call-off',
    shows: state('completing'),
    status: statusOf({
      ...READY,
      phase: 'completing',
      nextStep: 'cancelPaymentCapture',
      say: 'One moment please.',
      desk: { ...READY.desk, completingSeconds: 18, history: CHARGED },
    }),
  },
  {
    name: 'unknown',
    status: statusOf(
      ended(
        'completing',
        'unknown',
        'I cannot confirm the payment yet. We will check it and tell you, so that you never pay twice.',
      ),
    ),
  },
  {
    name: 'paid',
    status: statusOf(
      ended('completed', 'paid', 'Thank you, the payment went through.', {
        paymentConfirmationCode: 'ch_268CT2774fTGbcN5MB6JLJEd',
      }),
    ),
  },
  {
    name: 'saved',
    status: statusOf(
      ended('completed', 'saved', 'Gracias, sus datos han quedado guardados. No se le ha cobrado nada.', {
        chargeAmount: 0,
        paymentToken: 'pm_1PnTq2LkdIwHu7ix0aQ2v7Zc',
        desk: { reference: 'Account 20817', language: 'es' },
      }),
    ),
  },
  {
    name: 'declined',
    status: statusOf(
      ended('failed', 'declined', 'The payment was not accepted. Would you like to try another card?', {
        why: 'The card was declined: insufficient funds. No payment was confirmed. After a yes, call startPaymentCapture with the same arguments as before and have all fields typed anew.',
        desk: { processorWords: '"Your card has insufficient funds." "card_declined"' },
      }),
    ),
  },
  {
    name: 'processor-down',
    shows: state('failed'),
    status: statusOf(
      ended(
        'failed',
        'down',
        'The payment cannot be processed at the moment. Would you like to try again later or pay another way?',
      ),
    ),
  },
  { name: 'asked', status: statusOf(LISTENING), act: press('#second') },
  {
    name: 'canceling',
    status: statusOf({
      ...TYPING,
      desk: { ...TYPING.desk, fields: [card(), code(), date()], isCanceling: true },
    }),
  },
  {
    name: 'canceled',
    status: statusOf(
      ended('canceled', 'canceled', 'The payment is canceled.', {
        desk: { history: [START, OPENED, entry(83, 'cancel', 'dana.reyes', 'asked')] },
      }),
    ),
  },
  {
    name: 'star',
    status: statusOf(
      ended(
        'failed',
        'star',
        'The payment was stopped because the star key was pressed. Shall we start again?',
      ),
    ),
  },
  { name: 'ended', status: statusOf(ended('failed', 'call-ended', '')) },
  {
    name: 'too-many',
    shows: state('failed'),
    status: statusOf(
      ended(
        'failed',
        'too-many',
        'There were too many attempts. Shall we start again, or would you like to pay another way?',
      ),
    ),
  },
  { name: 'watching', status: statusOf({ ...TYPING, desk: { ...TYPING.desk, ...OTHERS } }) },
  {
    name: 'watching-reader',
    shows: state('watching'),
    status: statusOf({ ...LISTENING, desk: { ...LISTENING.desk, ...OTHERS, may: READER } }),
    list: { may: READER },
  },
  { name: 'handed-over', status: statusOf({ ...READY, desk: { ...READY.desk, ...OTHERS } }) },
  {
    name: 'taken-over',
    shows: state('watching'),
    status: statusOf({
      ...LISTENING,
      desk: {
        ...LISTENING.desk,
        isMine: false,
        holder: 'maria.lindqvist',
        history: [START, OPENED, entry(79, 'take-over', 'maria.lindqvist')],
      },
    }),
  },
  {
    name: 'not-done',
    shows: '.payment .notice',
    status: statusOf({ ...READY }),
    act: press('#primary'),
    later: 'refused',
  },
  { name: 'offline', status: statusOf(TYPING), later: 'no connection' },
  { name: 'busy', status: statusOf(TYPING), later: 'too many' },
  {
    name: 'keys',
    shows: '.sheet',
    status: statusOf(LISTENING),
    act: async (desk) => {
      await desk.locator('[data-state]').waitFor();
      await desk.keyboard.press('?');
    },
  },
  {
    name: 'bank',
    shows: state('typing'),
    status: statusOf({
      chargeAmount: 120,
      paymentMethod: 'ach-debit',
      desk: {
        reference: 'Rent November, unit 7',
        fields: [
          field('bank-routing-number', 'done', { value: '110000000' }),
          field('bank-account-number', 'typing', { value: 'xxxxxx' }),
        ],
        secondsLeft: 4,
        timeout: 5,
      },
    }),
  },
  {
    name: 'long-words',
    shows: state('ready'),
    status: statusOf({
      ...READY,
      chargeAmount: 999_999.99,
      currency: 'KWD',
      desk: {
        ...READY.desk,
        reference:
          'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft 2026-11-27 / 000000000000000001182',
        holder: 'dana.reyes',
      },
    }),
  },
  {
    name: 'german',
    shows: state('listening'),
    language: 'de-AT',
    status: statusOf({
      ...CARD,
      currency: 'EUR',
      say: 'Bitte geben Sie den Sicherheitscode ein: drei Ziffern auf der Rückseite oder vier auf der Vorderseite.',
      desk: {
        language: 'de',
        reference: 'Rechnung 2024-1182',
        caller: '+493055501199',
        fields: [card(), code('listening'), date()],
        secondsLeft: 14,
        timeout: 20,
        history: TAKEN.slice(0, 3),
      },
    }),
  },
  {
    name: 'german-look',
    shows: state('look'),
    language: 'de',
    status: statusOf({
      ...READY,
      currency: 'EUR',
      desk: { ...READY.desk, language: 'de', reference: 'Rechnung 2024-1182' },
    }),
    act: press('#primary'),
  },
];
