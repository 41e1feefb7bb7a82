import type { CallbackPost } from './callback-record.ts';
import { callbackOf } from './capture.ts';
import { type PaymentSession, touch } from './payment-session.ts';
import { judge } from './processor.ts';
import type { World } from './world.ts';

/** `complete`: asks the caller to confirm where the session wants that, and hands the payment to the processor. */
export function complete(world: World, session: PaymentSession, key: string): void {
  session.completionKey = key;
  touch(session, world.clock.now());
  if (!session.terms.confirmation) {
    sendToProcessor(world, session);
    return;
  }
  session.state = 'confirming';
  session.listening = { capture: 'confirmation', digits: '' };
  world.events.emit({
    type: 'capture',
    callSid: session.callSid,
    paymentSid: session.sid,
    field: 'confirmation',
  });
}

/** The caller presses 1 to confirm or 2 to decline; other keys do nothing. Which callback follows is not established. */
export function confirm(world: World, session: PaymentSession, key: string): CallbackPost[] {
  if (key === '1') {
    sendToProcessor(world, session);
    return [];
  }
  return key === '2' ? finish(world, session, { Result: world.switches.confirmationDeclined }) : [];
}

/** `cancel`: ends the session (Payment resource page); what the callback says is not established. */
export function cancel(world: World, session: PaymentSession): CallbackPost[] {
  const { cancelResult } = world.switches;
  const result = cancelResult === 'other' ? 'payment-cancelled' : cancelResult;
  return finish(world, session, result === 'no-result' ? {} : { Result: result });
}

/** Ends a session and makes its last callback. */
export function finish(
  world: World,
  session: PaymentSession,
  outcome: Readonly<Record<string, string>>,
): CallbackPost[] {
  session.state = 'finished';
  session.listening = undefined;
  session.result = outcome.Result;
  touch(session, world.clock.now());
  world.events.emit({
    type: 'result',
    callSid: session.callSid,
    paymentSid: session.sid,
    result: session.result ?? '(none)',
  });
  return [callbackOf(session, world.parameters.final(session, outcome))];
}

/** The caller hung up. Twilio ends the session; what becomes of one that is at the processor is a switch. */
export function hangUp(world: World, session: PaymentSession): CallbackPost[] {
  const atProcessor = session.state === 'completing';
  if (atProcessor && world.switches.hangupWhileCompleting === 'result') return [];
  const callbacks = finish(world, session, { Result: 'caller-hung-up' });
  // The processor finishes its work in any case; `completing` is what makes it report.
  if (atProcessor && world.switches.hangupWhileCompleting === 'both') session.state = 'completing';
  return world.switches.hangupCallback ? callbacks : [];
}

function sendToProcessor(world: World, session: PaymentSession): void {
  session.state = 'completing';
  session.listening = undefined;
  const over = world.pending.start();
  setTimeout(() => {
    const { approved, outcome, charge } = judge(session, world.switches, world.random);
    if (charge) world.charges.push({ at: new Date(world.clock.now()).toISOString(), ...charge });
    if (session.state === 'completing') {
      void world.delivery.hand(finish(world, session, outcome));
      if (!approved && world.switches.completeAfterFailure === 'allowed') session.state = 'failed';
    }
    over();
  }, world.switches.processorMs);
}
