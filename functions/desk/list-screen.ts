import { endedView } from './ended.ts';
import { ambiguousCurrency, clock, fieldName, money, personName, time } from './format.ts';
import type { IconName } from './icons.ts';
import type { Action, Model } from './model.ts';
import type { Payment } from './payment.ts';
import { isBank, isBot, tagOf } from './payment-screen.ts';
import type { Tag } from './screen.ts';
import { isOver, nextCapture, openField, ownState, refusedField } from './state.ts';
import { createSay, type Say } from './words.ts';

/** How many tiles a wall shows at once; more come in turn, unless somebody turns the pages. */
const TILES = 12;
const TURN_MS = 12_000;

export interface Item {
  key: string;
  amount: string;
  currency: string;
  reference: string;
  tag: Tag;
  detail: string;
  who: { icon: IconName; text: string };
  time: string;
  needsLook: boolean;
  steps: { icon: IconName; text: string; tone: '' | 'good' | 'on' }[];
  open: Action;
  isOpen: boolean;
}

export interface ListScreen {
  title: string;
  /** Who may do nothing sees all of it, and has nothing to press. */
  isWall: boolean;
  groups: { title: string; items: Item[] }[];
  items: Item[];
  isEmpty: boolean;
  needLook: number;
  bots: number;
  people: number;
  page: { at: number; of: number };
  /** Undefined until the payments are known. */
  announcement: string | undefined;
}

/** The live payments: for who takes payments in groups by whose turn it is, for who watches in the order of start. */
export function listScreen(model: Model): ListScreen {
  const say = createSay(model.language);
  const payments = [...(model.list?.payments ?? [])].sort((a, b) => a.startedAt - b.startedAt);
  const isWall = model.list !== undefined && !model.list.may.write;
  const live = payments.filter((payment) => !isOver(payment));
  const ended = payments.filter(isOver).reverse();
  const items = live.map((payment) => itemOf(payment, model, say));
  const isYours = (payment: Payment) => payment.isMine && WAITING.includes(ownState(payment));
  const group = (title: string, some: Payment[]) => ({
    title,
    items: some.map((payment) => itemOf(payment, model, say)),
  });
  const groups = [
    group(say('tagYourTurn'), live.filter(isYours)),
    group(
      say('running'),
      live.filter((payment) => !isYours(payment)),
    ),
    group(say('endedGroup'), ended),
  ].filter((some) => some.items.length > 0);
  const needLook = items.filter((item) => item.needsLook).length;
  const of = Math.max(1, Math.ceil(items.length / TILES));
  const at = (model.page ?? Math.floor(model.now / TURN_MS)) % of;
  return {
    title: isWall ? say('livePayments', { n: live.length }) : say('payments'),
    isWall,
    groups,
    items: items.slice(at * TILES, (at + 1) * TILES),
    isEmpty: isWall ? items.length === 0 : groups.length === 0,
    needLook,
    bots: live.filter(({ holder }) => isBot(holder)).length,
    people: live.filter(({ holder }) => !isBot(holder)).length,
    page: { at, of },
    announcement:
      model.list && `${say('livePayments', { n: live.length })}. ${say('needLook', { n: needLook })}.`,
  };
}

const WAITING = ['waiting', 'refused', 'stop', 'ready', 'unknown'];

function itemOf(payment: Payment, model: Model, say: Say): Item {
  const { language, route } = model;
  const you = model.you;
  const elapsed = Math.max(0, (model.now - model.listReadAt) / 1000);
  const state = ownState(payment);
  const ended = isOver(payment) || state === 'unknown' ? endedView(payment, you, say, language) : undefined;
  const tag = ended?.tag ?? tagOf(payment.isMine ? state : 'watching', payment, say);
  const isOpen = route.view === 'payment' && route.paymentSid === payment.paymentSid;
  return {
    key: payment.paymentSid,
    amount:
      payment.amount > 0
        ? money(payment.amount, payment.currency, language)
        : say(isBank(payment) ? 'saveAccount' : 'saveCard'),
    currency: payment.amount > 0 ? ambiguousCurrency(payment.currency, language) : '',
    reference: payment.reference,
    tag,
    detail: ended ? '' : detailOf(payment, elapsed, say),
    who: {
      icon: isBot(payment.holder) ? 'bot' : 'me',
      text: payment.isMine ? say('you') : personName(payment.holder, you, say),
    },
    time: isOver(payment)
      ? time(payment.updatedAt, language)
      : payment.callSeconds === 0
        ? time(payment.startedAt, language)
        : clock(payment.callSeconds + elapsed),
    needsLook: ['refused', 'stop', 'unknown'].includes(state),
    steps: payment.fields.map(({ name, state: step }) => ({
      icon: { waiting: 'hollow', listening: 'ear', typing: 'keys', refused: 'alert', done: 'check' }[
        step
      ] as IconName,
      text: fieldName(name, say),
      tone: step === 'done' ? 'good' : step === 'waiting' ? '' : 'on',
    })),
    open: { do: 'open', callSid: payment.callSid, paymentSid: payment.paymentSid },
    isOpen,
  };
}

function detailOf(payment: Payment, elapsed: number, say: Say): string {
  const refused = refusedField(payment);
  const open = openField(payment);
  if (open?.state === 'typing') {
    return `${fieldName(open.name, say)}, ${say('digits', { n: open.value.length })}`;
  }
  if (open) {
    const n = Math.max(0, Math.ceil(payment.secondsLeft - elapsed));
    return say('detailLeft', { field: fieldName(open.name, say), n });
  }
  if (refused) {
    const tries = say('try', { n: refused.failures, of: payment.triesAllowed });
    return `${fieldName(refused.name, say)}, ${tries}`;
  }
  if (payment.phase === 'ready') return say('detailReady');
  if (payment.phase === 'completing')
    return say('detailBank', { n: Math.floor(payment.completingSeconds + elapsed) });
  const next = nextCapture(payment);
  return next ? say('detailNext', { field: fieldName(next, say) }) : '';
}
