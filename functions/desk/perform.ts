import { lastDigits } from './format.ts';
import type { Action, Desk, Form, Model } from './model.ts';
import { noticeOf } from './notice.ts';
import { CAPTURE_TOOLS, type Capture, fieldOf, type Payment } from './payment.ts';
import { SourceError } from './source.ts';
import { isDriver, nextCapture, openField } from './state.ts';
import { createSay, type Word } from './words.ts';

/**
 * Milliseconds that a question is there before it can be answered: what is pressed twice neither charges nor cancels,
 * for the answer stands where the button stood that asked.
 */
const LOOK_MS = 600;

/** What the actions of a payment do. Each may be pressed twice: while one is under way, no other begins. */
export function createPerform(desk: Desk) {
  /** The field that this desk asked for last, and when it had been asked for before: who opened it opens the next one. */
  let opened: { paymentSid: string; name: Capture; since: number } | undefined;

  return { perform, follow };

  /** The next field opens by itself once the one that this desk opened is taken, whether or not it was seen open. */
  function follow(payment: Payment): void {
    const { isAuto, ask } = desk.model;
    if (!opened || opened.paymentSid !== payment.paymentSid || !isAuto || ask || !isDriver(payment)) return;
    const { name, since } = opened;
    const isTaken = payment.fields.some((field) => field.name === name && field.state === 'done');
    const next = nextCapture(payment);
    // An answer from before the field was asked for still shows what it held then.
    if (!isTaken || lastAsked(payment, name) <= since || !next) return;
    if (payment.phase === 'capturing' && !openField(payment)) perform({ do: 'capture', capture: next });
  }

  function perform(action: Action): void {
    const { model } = desk;
    const { payment, ask, paidBefore } = model;
    const isAnother = 'another' in action && action.another === true;
    const more = isAnother ? { anotherPayment: true } : {};
    const commands: Partial<Record<Action['do'], () => Promise<string>>> = {
      start: () => start(model.form, more),
      ...(payment && {
        capture: () => capture(payment, action),
        charge: () => charge(payment),
        'ask-bank': () => charge(payment),
        cancel: () => cancel(payment),
        restart: () => restart(payment, more),
        'take-over': () => takeOver(payment, more),
      }),
    };
    const work = commands[action.do];
    const isRead = Date.now() - (isAnother ? paidBefore : (ask?.since ?? 0)) >= LOOK_MS;
    // A cancel that is repeated, or calls a charge off, is not asked about.
    const isQuestion =
      isAnother || action.do === 'charge' || (action.do === 'cancel' && ask?.for === 'cancel');
    const mayAct = (!isQuestion || isRead) && (action.do !== 'charge' || ask?.for === 'look');
    if (work && mayAct) void command(action, work);
    const change = changeOf(action, model);
    if (change) desk.update(change);
    if (action.do === 'refresh') desk.refresh();
    if (action.do === 'copy') void copy(action.text);
  }

  /** Does one thing at a time, and tells what came of it. */
  async function command(action: Action, work: () => Promise<string>): Promise<void> {
    if (desk.model.busy || !desk.source()) return;
    desk.update({ busy: action, notice: '' });
    try {
      const told = await work();
      desk.update({ paidBefore: 0 });
      if (told) desk.source()?.tell(told);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      if (error.trouble === 'expired') desk.expire();
      const paidBefore = ['ALREADY_PAID', 'MAY_BE_CHARGED'].includes(error.code) ? Date.now() : 0;
      desk.update({ notice: noticeOf(error, desk.model), paidBefore });
    } finally {
      desk.update({ busy: undefined });
      desk.refresh();
    }
  }

  async function call(tool: string, args: Record<string, unknown>): Promise<Record<string, unknown>> {
    const source = desk.source();
    if (!source) throw new SourceError('expired');
    return source.call(tool, args);
  }

  async function capture(payment: Payment, action: Action): Promise<string> {
    if (action.do !== 'capture') return '';
    const { capture: name } = action;
    const { callSid, paymentSid } = payment;
    const field = fieldOf(name);
    desk.update({ ask: undefined });
    opened = { paymentSid, name, since: openField(payment)?.name === name ? 0 : lastAsked(payment, name) };
    await call(CAPTURE_TOOLS[field], { callSid, paymentSid, ...(field !== name && { captureType: name }) });
    return `The person asked the caller for: ${name}.`;
  }

  /** Amount, currency and digits as they were shown: the server compares them with what it would charge. */
  async function charge({ callSid, paymentSid, amount, currency, fields }: Payment): Promise<string> {
    const account = fields.find(
      ({ name }) => name === 'payment-card-number' || name === 'bank-account-number',
    );
    const lastFour = lastDigits(account?.value ?? '');
    await call('completePaymentCapture', {
      callSid,
      paymentSid,
      ...(amount > 0 && { chargeAmount: amount, currency }),
      ...(lastFour && { lastFour }),
    });
    desk.update({ ask: undefined });
    return 'The person asked for the charge. Read the status for its result.';
  }

  async function cancel({ callSid, paymentSid }: Payment): Promise<string> {
    await call('cancelPaymentCapture', { callSid, paymentSid });
    desk.update({ ask: undefined });
    return 'The person canceled the payment.';
  }

  /** A new payment with the same terms on the same call. */
  async function restart({ callSid, terms }: Payment, more: object): Promise<string> {
    open(callSid, await call('startPaymentCapture', { callSid, ...terms, ...more }));
    return 'The person started the payment again; it has a new paymentSid.';
  }

  /** To start what lives already gives the same payment, to whoever may have it from now on. */
  async function takeOver({ callSid, terms }: Payment, more: object): Promise<string> {
    await call('startPaymentCapture', { callSid, ...terms, ...more });
    return 'The person has taken the payment over.';
  }

  async function start(form: Form, more: object): Promise<string> {
    const callSid = form.call === 'other' || !form.call ? form.callSid.trim() : form.call;
    const say = createSay(desk.model.language);
    const wrong = wrongWith(form, callSid);
    if (wrong) {
      desk.update({ notice: say(wrong) });
      return '';
    }
    const isCharge = form.kind !== 'save';
    const result = await call('startPaymentCapture', {
      callSid,
      ...(isCharge && { chargeAmount: amountOf(form.amount), currency: form.currency }),
      ...(form.reference.trim() && { description: form.reference.trim() }),
      ...(form.kind === 'bank' && {
        paymentMethod: 'ach-debit',
        bankAccountType: form.accountType,
        parameter: { AVSName: form.holderName.trim() },
      }),
      ...(form.language && { language: form.language }),
      ...more,
    });
    open(callSid, result);
    return '';
  }

  function open(callSid: string, { paymentSid }: Record<string, unknown>): void {
    opened = undefined;
    desk.update({
      route: { view: 'payment', callSid, paymentSid: String(paymentSid) },
      payment: undefined,
      ask: undefined,
      seen: [],
      paidBefore: 0,
    });
  }

  async function copy(text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      desk.update({ copied: text });
    } catch {
      // Not allowed here: the text can still be selected.
      desk.update({ canCopy: false });
    }
  }
}

/** When a field was asked for last, epoch milliseconds; 0 if it never was. */
function lastAsked({ history }: Payment, name: Capture): number {
  return history.findLast(({ action }) => action === `capture ${name}`)?.at ?? 0;
}

/** What an action changes at once, without asking anybody. */
function changeOf(action: Action, model: Model): Partial<Model> | undefined {
  switch (action.do) {
    case 'refresh':
      return { notice: '' };
    case 'look':
      return { ask: { for: 'look', since: Date.now() }, notice: '' };
    case 'ask-cancel':
      return { ask: { for: 'cancel', since: Date.now() }, notice: '' };
    case 'back':
    case 'keep':
      return { ask: undefined };
    case 'auto':
      return { isAuto: !model.isAuto };
    case 'shortcuts':
      return { hasShortcuts: !model.hasShortcuts };
    case 'keys':
      return { isSheetOpen: !model.isSheetOpen };
    case 'language':
      return { language: action.language };
    case 'turn':
      return { page: action.page };
    default:
      return undefined;
  }
}

/** A number as people write it: `49.90`, `49,90`, `1,249.00`, `1.249,00`. Undefined if it is none. */
export function amountOf(written: string): number | undefined {
  const text = written.trim().replace(/[\s'’]/g, '');
  const match = /^(\d{1,3}(?:[.,]?\d{3})*|\d+)(?:[.,](\d{1,3}))?$/.exec(text);
  if (!match) return undefined;
  const [, whole = '', part] = match;
  const isThousands = part?.length === 3 && !/[.,]/.test(whole) ? undefined : part;
  if (part?.length === 3 && isThousands === undefined) return undefined;
  const value = Number(`${whole.replace(/[.,]/g, '')}.${part ?? '0'}`);
  return value > 0 ? value : undefined;
}

function wrongWith(form: Form, callSid: string): Word | undefined {
  if (!/^CA[0-9a-fA-F]{32}$/.test(callSid)) return 'errorCall';
  if (form.kind === 'save') return undefined;
  if (amountOf(form.amount) === undefined) return 'errorAmount';
  if (!/^[A-Za-z]{3}$/.test(form.currency)) return 'errorCurrency';
  return form.kind === 'bank' && !form.holderName.trim() ? 'errorHolder' : undefined;
}
