import type { Desk, Form, Model } from './model.ts';
import { noticeOf } from './notice.ts';
import { toCalls, toLiveList, toPayment } from './parse.ts';
import type { CallInProgress, Payment } from './payment.ts';
import { SourceError } from './source.ts';
import { isOver, openField } from './state.ts';

/** Milliseconds between two reads of the list, when nothing changes for a minute, and of the calls for a new payment. */
const LIST_MS = 2_500;
const RAIL_MS = 6_000;
const IDLE_MS = 5_000;
const CALLS_MS = 6_000;
/** Milliseconds without a change after which reads become fewer. */
const QUIET_MS = 60_000;
/** The longest pause after failures. */
const LONGEST_MS = 30_000;
/** For so long a failed read is not told: the next one mends most. */
const PATIENCE_MS = 4_000;
/** The list stands beside a payment from this width on. */
const RAIL = '(min-width: 1088px)';

/** Reads what is shown as often as it changes: never two reads at once, none while nobody looks. */
export function createReader(desk: Desk, quickest: number, onPayment: (payment: Payment) => void) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isReading = false;
  let isWanted = false;
  let failures = 0;
  let listAt = 0;
  let callsAt = 0;
  let changedAt = Date.now();

  function now(): void {
    listAt = 0;
    callsAt = 0;
    if (isReading) isWanted = true;
    else void run();
  }

  async function run(): Promise<void> {
    clearTimeout(timer);
    isReading = true;
    isWanted = false;
    const pause = await readAll();
    isReading = false;
    if (isWanted) return run();
    if (pause !== undefined) timer = setTimeout(run, pause);
  }

  /** @returns milliseconds until the next read; undefined if something else must happen first. */
  async function readAll(): Promise<number | undefined> {
    const source = desk.source();
    const { isChat, route } = desk.model;
    if (!source || document.hidden || (isChat && route.view !== 'payment')) return undefined;
    try {
      await readPayment();
      if (!isChat) await readLists();
    } catch (error) {
      return failed(error);
    }
    failures = 0;
    const { link } = desk.model;
    desk.update({ link: { ...link, state: 'live', retryAt: 0 } });
    return paceOf(desk.model);
  }

  async function readPayment(): Promise<void> {
    const { route } = desk.model;
    if (route.view !== 'payment' || !isDue(desk.model)) return;
    const { callSid, paymentSid } = route;
    const status = await desk.source()?.read(`payment://${callSid}/${paymentSid}/status`);
    if (status !== undefined) takePayment(toPayment(status));
  }

  function takePayment(payment: Payment): void {
    const { route, payment: before, link, ask, seen } = desk.model;
    if (route.view !== 'payment' || route.paymentSid !== payment.paymentSid) return;
    const isSame = before?.paymentSid === payment.paymentSid;
    if (isSame && payment.updatedAt < before.updatedAt) return;
    const at = Date.now();
    if (!isSame || before.updatedAt !== payment.updatedAt) changedAt = at;
    const isLookStale =
      ask?.for === 'look' && (payment.phase !== 'ready' || !isSame || shownOf(before) !== shownOf(payment));
    desk.update({
      payment,
      you: payment.you,
      now: at,
      link: { ...link, readAt: at },
      seen: isSame ? [...seen, ...seenBetween(before, payment, at)].slice(-20) : [],
      ...((isLookStale || isOver(payment)) && { ask: undefined }),
    });
    onPayment(payment);
  }

  async function readLists(): Promise<void> {
    const { route } = desk.model;
    const source = desk.source();
    if (!source) return;
    const at = Date.now();
    const hasRail = route.view === 'list' || matchMedia(RAIL).matches || !desk.model.list;
    if (hasRail && at - listAt >= (route.view === 'list' ? LIST_MS : RAIL_MS) - 50) {
      listAt = at;
      const list = toLiveList(await source.read('payment://live'));
      desk.update({
        list,
        listReadAt: Date.now(),
        you: list.you,
        link: { ...desk.model.link, ...(route.view !== 'payment' && { readAt: Date.now() }) },
      });
    }
    if (route.view === 'new' && at - callsAt >= CALLS_MS - 50) {
      callsAt = at;
      const calls = toCalls(await source.read('payment://calls'));
      desk.update({ calls, form: filledIn(desk.model, calls) });
    }
  }

  function failed(error: unknown): number | undefined {
    const { link, now: clock, route } = desk.model;
    if (!(error instanceof SourceError)) throw error;
    if (error.trouble === 'expired') {
      desk.expire();
      return undefined;
    }
    failures += 1;
    if (error.trouble === 'forbidden' || error.trouble === 'refused') {
      desk.update({ notice: noticeOf(error, desk.model) });
      if (route.view === 'payment' && error.code !== 'STORE_UNAVAILABLE')
        return Math.min(LONGEST_MS, IDLE_MS * failures);
    }
    const backoff = Math.min(LONGEST_MS, quickest * 2 ** Math.min(failures, 8));
    // No two desks that failed at once ask again at once.
    const pause = Math.max(error.retryAfter, backoff * (0.75 + Math.random() / 2));
    const retryAt = Date.now() + pause;
    const isTold = clock - link.readAt > PATIENCE_MS || pause > PATIENCE_MS;
    const state = error.trouble === 'busy' ? 'busy' : 'offline';
    desk.update({ link: { ...link, state: isTold ? state : link.state, retryAt } });
    return pause;
  }

  function isDue({ payment, route }: Model): boolean {
    const isShown = route.view === 'payment' && payment?.paymentSid === route.paymentSid;
    return !isShown || !isFinal(payment) || Date.now() - changedAt < 1000;
  }

  function paceOf({ payment, route, isChat }: Model): number | undefined {
    const isQuiet = Date.now() - changedAt > QUIET_MS;
    if (route.view !== 'payment') return isQuiet ? IDLE_MS : LIST_MS;
    if (!payment) return LIST_MS;
    if (isFinal(payment)) return isChat ? undefined : RAIL_MS;
    if (openField(payment)) return quickest;
    if (payment.phase === 'completing' || payment.isCanceling) return Math.max(1_000, quickest);
    return isQuiet ? IDLE_MS : 2_000;
  }

  return { now };
}

/** The form with what is the likeliest where nothing was chosen yet. */
function filledIn({ form, list }: Model, calls: CallInProgress[]): Form {
  const isThere = calls.some(({ callSid }) => callSid === form.call);
  const [first] = calls;
  const likeliest = form.callSid || !first ? 'other' : first.callSid;
  return {
    ...form,
    call: isThere || form.call === 'other' ? form.call : likeliest,
    currency: form.currency || (list?.currencies[0] ?? ''),
    language: form.language || (list?.language ?? ''),
  };
}

/** Nothing more is to come. An outcome that is unknown may still become known. */
function isFinal(payment: Payment | undefined): boolean {
  return payment !== undefined && isOver(payment) && payment.ending !== 'unknown';
}

/** What the second look shows. */
function shownOf({ amount, currency, cardType, fields }: Payment): string {
  return JSON.stringify([amount, currency, cardType, fields.map(({ name, value }) => [name, value])]);
}

function seenBetween(before: Payment, after: Payment, at: number): Model['seen'] {
  return after.fields.flatMap(({ name, state }): Model['seen'] => {
    const was = before.fields.find((field) => field.name === name)?.state;
    if (was === state || was === undefined) return [];
    if (state === 'done') return [{ at, what: 'taken', capture: name }];
    return state === 'refused' ? [{ at, what: 'refused', capture: name }] : [];
  });
}
