import type { CallbackPost } from './callback-record.ts';
import { cardTypeOf } from './cards.ts';
import { type CaptureName, errorOf, fieldOf, isFull, isMatcher } from './fields.ts';
import { entryRules, type PaymentSession, touch } from './payment-session.ts';
import type { World } from './world.ts';

/** A callback of this session, addressed to the URL of its latest request. */
export function callbackOf(session: PaymentSession, params: Readonly<Record<string, string>>): CallbackPost {
  return { paymentSid: session.sid, callSid: session.callSid, url: session.statusCallback, params };
}

/** Starts to listen for a field: what was captured for it no longer counts. Returns the callbacks that it causes. */
export function openCapture(world: World, session: PaymentSession, capture: CaptureName): CallbackPost[] {
  const field = fieldOf(capture);
  touch(session, world.clock.now());
  if (!isMatcher(capture)) {
    session.entered.delete(field);
    if (field === 'payment-card-number') session.cardType = undefined;
  }
  session.matched.delete(field);

  if (field === 'security-code' && !session.entered.has('payment-card-number')) {
    session.listening = undefined;
    const errorType = 'invalid-card-number-security-code-capture-sequence';
    return [callbackOf(session, world.parameters.error(session, errorType, capture))];
  }
  session.listening = { capture, digits: '' };
  const echo = world.switches.updateEcho
    ? [callbackOf(session, world.parameters.captureOpened(session, capture))]
    : [];
  world.events.emit({ type: 'capture', callSid: session.callSid, paymentSid: session.sid, field: capture });
  return echo;
}

/** One digit of the caller for the capture that listens. */
export function hearDigit(
  world: World,
  session: PaymentSession,
  capture: CaptureName,
  digit: string,
): CallbackPost[] {
  const digits = (session.listening?.digits ?? '') + digit;
  session.listening = { capture, digits };
  // A person's keystrokes are never in the same millisecond, even where a test types them all at once.
  touch(session, world.clock.now(), 1);
  const partial = callbackOf(session, world.parameters.partial(session, capture, digits));
  world.events.emit({
    type: 'digits',
    callSid: session.callSid,
    paymentSid: session.sid,
    field: capture,
    mask: 'x'.repeat(digits.length),
  });
  const full = isFull(fieldOf(capture), digits, entryRules(session, session.updatedAt));
  return full ? [partial, ...endEntry(world, session, capture)] : [partial];
}

/**
 * Judges what was entered: after the last digit, after `#`, or when the caller stops typing. An error leaves the
 * session open, so that the same Capture can be sent again.
 */
export function endEntry(world: World, session: PaymentSession, capture: CaptureName): CallbackPost[] {
  const digits = session.listening?.digits ?? '';
  const field = fieldOf(capture);
  session.listening = undefined;
  touch(session, world.clock.now());
  const errorType = isMatcher(capture)
    ? digits === session.entered.get(field)
      ? undefined
      : 'input-matching-failed'
    : errorOf(field, digits, entryRules(session, session.updatedAt));
  if (errorType) return [callbackOf(session, world.parameters.error(session, errorType, capture))];

  if (isMatcher(capture)) session.matched.add(field);
  else session.entered.set(field, digits);
  if (field === 'payment-card-number') session.cardType = cardTypeOf(digits);
  return [callbackOf(session, world.parameters.done(session, capture))];
}

/** The caller types nothing (any more). Without a single digit that is a timeout (Payment resource page, ErrorType). */
export function stopTyping(world: World, session: PaymentSession, capture: CaptureName): CallbackPost[] {
  if (session.listening?.digits) return endEntry(world, session, capture);
  session.listening = undefined;
  touch(session, world.clock.now());
  return [callbackOf(session, world.parameters.error(session, 'input-timeout', capture))];
}
