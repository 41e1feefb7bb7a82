import { PaymentError } from '../errors.ts';
import type { PaymentPorts, Stored } from '../ports.ts';
import { isFinished, phaseOf } from '../session/phase.ts';
import { applyEvent, newSession, type PaymentSession, type Terms, withAudit } from '../session/session.ts';
import { type CallLock, newLock, recordStarted, startId } from '../session/start-lock.ts';
import { sameTerms } from '../session/terms.ts';

/** How long a start waits for another one's session before it repeats the request: what is left of 10 s must suffice for that. */
const OTHER_START_MS = 3_000;
const POLL_MS = 400;

/** Time kept back to ask Twilio and to answer once waiting is over. */
const ANSWER_MS = 2_000;

export interface StartRequest {
  callSid: string;
  terms: Terms;
  /** Start again although a payment has succeeded on this call. */
  anotherPayment: boolean;
  /** Who starts it. */
  client: string;
}

export interface Started {
  stored: Stored<PaymentSession>;
  /** Whether an earlier start on this call had led to the session already. */
  reused: boolean;
}

/** A start on a call that was found to be fit for it. */
type CheckedStart = StartRequest & { parentCallSid: string };

/** What a start does next: use the session there is, or ask Twilio for one under this lock. */
type Decision = { use: Stored<PaymentSession> } | { create: Stored<CallLock> };

/**
 * Starts a payment session on a call, or finds the one that an earlier start led to.
 *
 * The lock document decides who asks Twilio; each attempt has one idempotency key, so asking again under the
 * same lock (after a lost answer, or because the first Function died) never makes a second session.
 */
export async function startPayment(ports: PaymentPorts, request: StartRequest): Promise<Started> {
  const { callSid, terms } = request;
  const [call, claimed] = await Promise.allSettled([
    ports.gateway.fetchCall(callSid),
    ports.locks.create(callSid, newLock(callSid, 1, terms, ports.clock.now())),
  ]);
  const won = claimed.status === 'fulfilled' ? claimed.value : undefined;
  try {
    if (call.status === 'rejected') throw call.reason;
    if (call.value.status !== 'in-progress') {
      throw new PaymentError('CALL_NOT_IN_PROGRESS', { detail: `The call is ${call.value.status}.` });
    }
    if (!call.value.isPstn) {
      const leg = await ports.gateway.findPstnLeg(call.value);
      throw new PaymentError('NOT_THE_CALLERS_LEG', leg ? { detail: `Use ${leg}.` } : {});
    }
  } catch (error) {
    if (won) await ports.locks.remove(callSid).catch(() => undefined);
    throw error;
  }
  if (claimed.status === 'rejected') throw claimed.reason;
  const { parentCallSid } = call.value;
  const decision: Decision = won ? { create: won } : await decide(ports, { ...request, parentCallSid });
  if ('use' in decision) return { stored: decision.use, reused: true };
  const { client } = request;
  return { stored: await create(ports, decision.create.data, { parentCallSid, client }), reused: false };
}

/** What the lock of an earlier start allows. */
async function decide(ports: PaymentPorts, request: CheckedStart): Promise<Decision> {
  const { callSid, terms } = request;
  const held = await ports.locks.read(callSid);
  if (!held) {
    const created = await ports.locks.create(callSid, newLock(callSid, 1, terms, ports.clock.now()));
    if (created) return { create: created };
    // Somebody else has just made it, or Sync takes a while to forget one that has expired.
    await ports.clock.sleep(POLL_MS);
    return decide(ports, request);
  }
  const lock = held.data;
  if (lock.refused) return takeNextAttempt(ports, request, held);
  const same = sameTerms(lock.terms, terms);
  const stored = await findStarted(ports, lock, request.parentCallSid, same ? lock.at + OTHER_START_MS : 0);
  if (!stored) {
    if (!same) throw new PaymentError('STARTING');
    return { create: held };
  }
  if (!isFinished(stored.data)) {
    if (!same) throw new PaymentError('PAYMENT_IN_PROGRESS', { detail: `It is ${stored.data.paymentSid}.` });
    return { use: stored };
  }
  if (phaseOf(stored.data) === 'completed' && !request.anotherPayment) {
    throw new PaymentError('ALREADY_PAID', { detail: `It was ${stored.data.paymentSid}.` });
  }
  return takeNextAttempt(ports, request, held);
}

/** Moves the lock on to a new attempt; whoever loses that race looks at what the winner did. */
async function takeNextAttempt(
  ports: PaymentPorts,
  request: CheckedStart,
  held: Stored<CallLock>,
): Promise<Decision> {
  const next = newLock(request.callSid, held.data.attempt + 1, request.terms, ports.clock.now());
  let won = false;
  const moved = await ports.locks.update(
    request.callSid,
    (current) => {
      won = current?.attempt === held.data.attempt && current.refused === held.data.refused;
      return won ? next : current;
    },
    held,
  );
  return won && moved ? { create: moved } : decide(ports, request);
}

/** The session that an attempt led to: looked for until it is there or the time (epoch milliseconds) is up. */
async function findStarted(
  ports: PaymentPorts,
  lock: CallLock,
  parentCallSid: string,
  until: number,
): Promise<Stored<PaymentSession> | undefined> {
  for (;;) {
    const record = await ports.starts.read(startId(lock.callSid, lock.attempt));
    const sids = record?.data.paymentSids ?? [];
    const sessions = await Promise.all(sids.map((sid) => ensureSession(ports, lock, sid, parentCallSid)));
    const usable = sessions.find(({ data }) => data.sessionError !== 'session-in-progress') ?? sessions[0];
    if (usable) return usable;
    if (ports.clock.now() >= until || ports.clock.left() < POLL_MS + ANSWER_MS) return undefined;
    await ports.clock.sleep(POLL_MS);
  }
}

/** Asks Twilio for the session of this lock's attempt and records it. */
async function create(
  ports: PaymentPorts,
  lock: CallLock,
  { parentCallSid, client }: { parentCallSid: string; client: string },
): Promise<Stored<PaymentSession>> {
  const { callSid, terms, attempt } = lock;
  let paymentSid: string;
  try {
    paymentSid = await ports.gateway.start({
      callSid,
      terms,
      attempt,
      idempotencyKey: `start-${startId(callSid, attempt)}`,
    });
  } catch (error) {
    if (!(error instanceof PaymentError) || !error.wasRefused) throw error;
    if (error.code === 'SESSION_IN_PROGRESS') {
      const known = await findStarted(ports, lock, parentCallSid, ports.clock.now() + OTHER_START_MS);
      if (known) return known;
    } else if (error.code !== 'TWILIO_RATE_LIMITED') {
      await ports.locks
        .update(callSid, (held) => (held?.attempt === attempt ? { ...held, refused: true } : held))
        .catch(() => undefined);
    }
    throw error;
  }
  const [record, stored] = await Promise.all([
    recordStarted(ports, { callSid, attempt, paymentSid }, null),
    ensureSession(ports, lock, paymentSid, parentCallSid, { client, from: null }),
  ]);
  const usable = record.paymentSids.length > 1 ? await findStarted(ports, lock, parentCallSid, 0) : stored;
  return usable ?? stored;
}

/** The session's document, made or completed with the terms of its start, which callbacks do not carry. */
async function ensureSession(
  ports: PaymentPorts,
  lock: CallLock,
  paymentSid: string,
  parentCallSid: string,
  started?: { client: string; from: null },
): Promise<Stored<PaymentSession>> {
  const at = ports.clock.now();
  const stored = await ports.sessions.update(
    paymentSid,
    (session) => {
      const known = applyEvent(session ?? newSession({ paymentSid, callSid: lock.callSid }), {
        started: { parentCallSid, terms: lock.terms },
        paymentMethod: lock.terms.paymentMethod,
      });
      if (!started) return known;
      return withAudit(known, {
        at,
        client: started.client,
        action: 'start',
        confirmed: '',
        outcome: 'done',
      });
    },
    started?.from,
  );
  if (!stored) throw new PaymentError('STORE_UNAVAILABLE');
  return stored;
}
