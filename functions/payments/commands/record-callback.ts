import { PaymentError } from '../errors.ts';
import type { PaymentPorts, Typing } from '../ports.ts';
import { attemptOf, attemptsOf, withSession } from '../session/call-ledger.ts';
import { applyEvent } from '../session/fold.ts';
import { isPending, newSession, type PaymentEvent, type PaymentSession } from '../session/session.ts';

/** What a status callback brought: which payment, which call, and the start attempt if its URL names one. */
export interface Callback {
  paymentSid: string;
  /** As Twilio sent it: the payment's own leg or that leg's parent. */
  callSid: string;
  /** The payment's own leg, if the callback's URL names it. */
  legSid?: string;
  attempt?: number;
  event: PaymentEvent;
}

/**
 * Folds a status callback into its session, beginning from what this instance saw last; one that arrives before its
 * document creates it. The callback of a create request also tells the call's ledger which session its attempt led to,
 * for a start that died has nobody else to do so. Digits of an entry that is being typed are given up once this instance is
 * about to store more of them: the newest mask counts, not each.
 * @returns the payment; undefined if it is another call's, and nothing was changed.
 * @throws PaymentError if Sync fails, or has lost sight of the ledger: Twilio is to send the callback again.
 */
export async function recordCallback(
  ports: Pick<PaymentPorts, 'sessions' | 'ledgers'>,
  callback: Callback,
): Promise<PaymentSession | undefined> {
  const { command = '', field } = callback.event;
  if (field?.state !== 'heard') return store(ports, callback);
  const typing = ports.sessions.typing(callback.paymentSid, `${command} ${field.name}`, field.value.length);
  try {
    return await store(ports, callback, typing);
  } finally {
    typing.over();
  }
}

async function store(
  ports: Pick<PaymentPorts, 'sessions' | 'ledgers'>,
  callback: Callback,
  typing?: Typing,
): Promise<PaymentSession | undefined> {
  const { sessions, ledgers } = ports;
  const { paymentSid, callSid, event, attempt: number } = callback;
  const isForeign = ({ callSid: ownSid, parentCallSid }: PaymentSession) =>
    (callback.legSid ?? ownSid) !== ownSid || ![ownSid, parentCallSid].includes(callSid);
  const kept = sessions.lastSeen(paymentSid);
  const isGood = kept && !isForeign(kept.data) && isUpToDate(kept.data, event);
  const [known, told] = await Promise.all([
    isGood ? kept : sessions.read(paymentSid),
    number === undefined ? undefined : ledgers.read(callback.legSid ?? callSid),
  ]);
  if (known && isForeign(known.data)) return undefined;
  const legSid = callback.legSid ?? known?.data.callSid ?? callSid;
  // A document that has expired is made anew as what the call's ledger says of it.
  const ledger = told ?? (known || number !== undefined ? undefined : await ledgers.read(legSid));
  const attempt =
    ledger &&
    (number === undefined
      ? attemptOf(ledger.data, paymentSid)
      : attemptsOf(ledger.data).find((one) => one.attempt === number));
  const parentCallSid = callSid === legSid ? '' : callSid;
  const started = attempt && { started: { parentCallSid, terms: attempt.terms, client: attempt.client } };
  const isCharged = ledger?.data.charges.includes(paymentSid) ?? false;
  const fold = (session: PaymentSession | undefined) => {
    // It has expired since it was read.
    if (!session && known) return undefined;
    if (session && typing?.isOutdone()) return session;
    const made = session ?? newSession({ paymentSid, callSid: legSid, parentCallSid }, isCharged);
    return applyEvent(made, { ...event, ...started });
  };
  const [saved] = await Promise.all([
    sessions.update(paymentSid, fold, known ?? null),
    attempt &&
      ledgers.update(
        legSid,
        (current) => current && withSession(current, attempt.attempt, paymentSid),
        ledger,
      ),
  ]);
  if (!saved) return store(ports, callback, typing);
  // An attempt is in the ledger before Twilio hears of it. If Sync has lost sight of it, nobody else may tell what it led to.
  if (number !== undefined && !ledger) throw new PaymentError('STORE_UNAVAILABLE');
  return saved.data;
}

/** Whether a session that was kept knows the command that an event comes of, so that a write from it may succeed. */
function isUpToDate(session: PaymentSession, { command = 0, outcome }: PaymentEvent): boolean {
  const isEnding = isPending(session.completing) || isPending(session.canceling);
  return command <= session.command && (!outcome || isEnding);
}
