import { bandOf } from './band.ts';
import { buttonsOf } from './buttons.ts';
import { cardWords, endedView } from './ended.ts';
import {
  age,
  ambiguousCurrency,
  brandName,
  clock,
  expiry,
  fieldName,
  lastDigits,
  money,
  personName,
  phoneNumber,
} from './format.ts';
import { historyOf } from './history.ts';
import type { Model } from './model.ts';
import type { Payment } from './payment.ts';
import { errorText, rowsOf } from './rows.ts';
import type { Body, PaymentScreen, StateName, Tag } from './screen.ts';
import { isDriver, isOver, openField, ownState, refusedField, stateOf } from './state.ts';
import { createSay, type Say, type Word } from './words.ts';

/** All that the screen of a payment shows. Pure: the same model gives the same screen. */
export function paymentScreen(model: Model, payment: Payment): PaymentScreen {
  const say = createSay(model.language);
  const { language } = model;
  const state = stateOf(model, payment);
  const own = ownState(payment);
  const you = model.you;
  const elapsed = Math.max(0, (model.now - model.link.readAt) / 1000);
  const isStale = model.link.state !== 'live';
  const ended = isOver(payment) || own === 'unknown' ? endedView(payment, you, say, language) : undefined;
  const tag = ended && !isStale ? ended.tag : tagOf(state, payment, say);
  const live = liveness(model, elapsed, say);
  const context = { model, payment, state, say, elapsed };
  return {
    state,
    amount:
      payment.amount > 0
        ? money(payment.amount, payment.currency, language)
        : say(isBank(payment) ? 'saveAccount' : 'saveCard'),
    currency: payment.amount > 0 ? ambiguousCurrency(payment.currency, language) : '',
    reference: payment.reference,
    caller: phoneNumber(payment.caller),
    callTime: callTime(payment, elapsed, say),
    isCallOver: payment.ending === 'call-ended',
    who: whoHas(payment, you, say),
    tag,
    live,
    band: bandOf(context),
    body: ended?.body ?? bodyOf(model, payment, state, elapsed, say),
    ...buttonsOf(context),
    notice: model.notice,
    announcement: ended?.announcement ?? announcementOf(state, payment, live.text, say, tag),
    history: historyOf(model, payment, say),
    details: [
      { label: say('call'), text: payment.callSid },
      { label: say('payment'), text: payment.paymentSid },
      ...(payment.connector ? [{ label: say('connector'), text: payment.connector }] : []),
    ],
  };
}

export function isBank({ paymentMethod }: Payment): boolean {
  return paymentMethod === 'ach-debit';
}

function callTime({ callSeconds, ending }: Payment, elapsed: number, say: Say): string {
  if (ending === 'call-ended') return say('endedAt');
  return callSeconds ? clock(callSeconds + elapsed) : '';
}

function whoHas({ holder, isMine }: Payment, you: string, say: Say): PaymentScreen['who'] {
  if (isMine || !holder) return { icon: 'me', text: say('withYou') };
  return { icon: isBot(holder) ? 'bot' : 'me', text: say('withWho', { who: personName(holder, you, say) }) };
}

/** Whether a client's name says that it is a program. */
export function isBot(client: string): boolean {
  return /bot|agent|assistant|model|\bai\b/i.test(client);
}

function liveness({ link, now, language }: Model, elapsed: number, say: Say): PaymentScreen['live'] {
  if (link.state === 'live' || !link.readAt) return { text: say('live'), isStale: false };
  return { text: say('old', { age: age((now - link.readAt) / 1000 || elapsed, language) }), isStale: true };
}

const TAGS: Partial<Record<StateName, [Tag['tone'], Tag['icon'], Word]>> = {
  waiting: ['go', 'me', 'tagYourTurn'],
  listening: ['go', 'ear', 'tagListening'],
  typing: ['go', 'keys', 'tagTyping'],
  refused: ['warn', 'alert', 'not-accepted'],
  stop: ['warn', 'alert', 'tagStop'],
  ready: ['go', 'me', 'tagYourTurn'],
  look: ['go', 'me', 'tagYourTurn'],
  confirming: ['go', 'keys', 'tagConfirming'],
  completing: ['off', 'spin', 'tagCharging'],
  unknown: ['warn', 'ask', 'tagUnknown'],
  asked: ['warn', 'alert', 'tagCancelAsked'],
  canceling: ['off', 'spin', 'tagCanceling'],
  watching: ['off', 'eye', 'tagWatching'],
  'handed-over': ['go', 'me', 'tagYourTurn'],
  offline: ['warn', 'off', 'tagOffline'],
  busy: ['warn', 'off', 'tagBusy'],
};

/** The state in one word. Who watches sees the state that the payment is in. */
export function tagOf(state: StateName, payment: Payment, say: Say): Tag {
  const own = state === 'watching' ? ownState(payment) : state;
  if (own === 'ready' && state === 'watching') return { tone: 'go', icon: 'check', text: say('tagReady') };
  if (own === 'waiting' && state === 'watching')
    return { tone: 'off', icon: 'eye', text: say('tagWatching') };
  if (own === 'completing' && payment.amount === 0)
    return { tone: 'off', icon: 'spin', text: say('tagSaving') };
  const [tone, icon, word] = TAGS[own] ?? ['off', 'dot', 'tagWatching'];
  return { tone, icon, text: say(word) };
}

function bodyOf(model: Model, payment: Payment, state: StateName, elapsed: number, say: Say): Body {
  const isLook = state === 'look' || state === 'completing' || state === 'confirming';
  if (!isLook) {
    const mayType = isDriver(payment) && !['asked', 'canceling', 'offline', 'busy', 'stop'].includes(state);
    return {
      kind: 'rows',
      rows: rowsOf(payment, model.link.state === 'live' ? elapsed : 0, mayType, say),
      isStale: model.link.state !== 'live',
    };
  }
  const values = {
    amount: money(payment.amount, payment.currency, model.language),
    card: cardWords(payment, say),
    ref: payment.reference && say('forRef', { ref: payment.reference }),
  };
  const isCharge = payment.amount > 0;
  const word =
    state === 'look' ? (isCharge ? 'lookCharge' : 'lookSave') : isCharge ? 'lookCharging' : 'lookSaving';
  const account = payment.fields.find(({ name }) => /^(payment-card|bank-account)-number$/.test(name));
  return {
    kind: 'look',
    brand: brandName(payment.cardType),
    digits: lastDigits(account?.value ?? ''),
    date: expiry(payment.expirationDate),
    sentence: say.parts(word, values),
  };
}

/** What a screen reader hears when this state begins: one sentence or two, no digits one by one. */
function announcementOf(state: StateName, payment: Payment, age: string, say: Say, tag: Tag): string {
  const field = openField(payment) ?? refusedField(payment);
  const name = field ? fieldName(field.name, say) : '';
  const taken = payment.fields.findLast(({ state: done }) => done === 'done');
  switch (state) {
    case 'listening': {
      const before = taken ? `${say('did.taken', { field: fieldName(taken.name, say) })}. ` : '';
      return `${before}${tag.text}: ${name}.`;
    }
    case 'typing':
      return `${say('turnTyping')}: ${name}.`;
    case 'refused':
    case 'stop': {
      const tries = say('try', { n: field?.failures ?? 0, of: payment.triesAllowed });
      return `${say('did.refused', { field: name })}. ${errorText(field?.error ?? '', say)}. ${tries}.`;
    }
    case 'ready':
      return say('saysReady');
    case 'offline':
    case 'busy':
      return `${tag.text}. ${age}.`;
    default:
      return `${tag.text}.`;
  }
}
