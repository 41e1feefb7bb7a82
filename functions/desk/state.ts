import type { Model } from './model.ts';
import type { Capture, Field, Payment } from './payment.ts';
import type { StateName } from './screen.ts';

/** The field that Twilio listens for. */
export function openField({ fields }: Payment): Field | undefined {
  return fields.find(({ state }) => state === 'listening' || state === 'typing');
}

/** The field that has just been refused and is not open again. */
export function refusedField({ fields }: Payment): Field | undefined {
  return fields.find(({ state }) => state === 'refused');
}

/** The field to ask for next: the refused one, else the first that is not taken. */
export function nextCapture(payment: Payment): Capture | undefined {
  const next = refusedField(payment) ?? payment.fields.find(({ state }) => state !== 'done');
  return next?.name;
}

export function isOver({ phase }: Payment): boolean {
  return phase === 'completed' || phase === 'canceled' || phase === 'failed';
}

/** Whether the reader may do anything with the payment. */
export function isDriver({ isMine, may }: Payment): boolean {
  return isMine && may.write;
}

const ENDED: Record<string, StateName> = {
  paid: 'paid',
  saved: 'saved',
  canceled: 'canceled',
  declined: 'declined',
  star: 'star',
  'call-ended': 'ended',
  unknown: 'unknown',
};

/** Which of its states the screen of a payment is in. */
export function stateOf(model: Model, payment: Payment): StateName {
  const { link, ask } = model;
  if (link.state !== 'live') return link.state;
  const own = ownState(payment);
  if (own === 'unknown' || isOver(payment) || own === 'completing' || own === 'confirming') return own;
  const { write, charge, any } = payment.may;
  if (!payment.isMine) return own === 'ready' && write && charge && any ? 'handed-over' : 'watching';
  if (!isDriver(payment)) return 'watching';
  if (ask?.for === 'cancel') return 'asked';
  if (ask?.for === 'look' && own === 'ready') return 'look';
  return own;
}

/** The state of the payment itself, whoever looks. */
export function ownState(payment: Payment): StateName {
  const { phase, ending } = payment;
  if (ending) return ENDED[ending] ?? 'failed';
  if (phase === 'completing') return payment.isConfirming ? 'confirming' : 'completing';
  if (payment.isCanceling) return 'canceling';
  const open = openField(payment);
  if (open) return open.state === 'typing' ? 'typing' : 'listening';
  const refused = refusedField(payment);
  if (refused) return refused.failures >= payment.triesAllowed ? 'stop' : 'refused';
  return phase === 'ready' ? 'ready' : 'waiting';
}
