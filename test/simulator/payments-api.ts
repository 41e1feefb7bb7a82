import { type ApiAnswer, ApiError, type ApiRequest, notFound } from './api.ts';
import type { CallbackPost } from './callback-record.ts';
import { callbackOf, openCapture } from './capture.ts';
import { rfc2822 } from './clock.ts';
import { cancel, complete } from './completion.ts';
import { type CaptureName, fieldOf, isCaptureName, isMatcher } from './fields.ts';
import { IdempotencyKeys } from './idempotency.ts';
import { commonParameters, paymentTerms } from './payment-parameters.ts';
import { isLive, type PaymentSession, type PaymentTerms, requiredCaptures } from './payment-session.ts';
import type { World } from './world.ts';

/** The Payments subresource of Calls: create and update, and nothing else (OpenAPI file). */
export class PaymentsApi {
  readonly #world: World;
  readonly #keys: IdempotencyKeys;

  constructor(world: World) {
    this.#world = world;
    this.#keys = new IdempotencyKeys(world.switches, world.answers);
  }

  /** `POST /Calls/{CallSid}/Payments.json`. */
  create(request: ApiRequest, callSid: string): ApiAnswer {
    const { calls, connectors, switches } = this.#world;
    const call = calls.find(callSid);
    if (!call) throw notFound(request.path);
    const { key, statusCallback } = commonParameters(request.form);
    const terms = paymentTerms(request.form, connectors, switches.paymentErrorStatus);
    return this.#keys.once(`create ${callSid}`, key, () => {
      this.#mustBeInProgress(callSid);
      const live = [...this.#world.sessions.values()].some(
        (other) => other.callSid === callSid && isLive(other),
      );
      if (live) return this.#refuseSecond(callSid, terms, statusCallback);
      const session = this.#open(callSid, terms, statusCallback);
      return this.#answer(201, session, [callbackOf(session, this.#world.parameters.created(session))]);
    });
  }

  /** `POST /Calls/{CallSid}/Payments/{Sid}.json`. */
  update(request: ApiRequest, callSid: string, sid: string): ApiAnswer {
    const session = this.#world.sessions.get(sid);
    if (session?.callSid !== callSid) throw notFound(request.path);
    const { key, statusCallback } = commonParameters(request.form);
    const capture = request.form.get('Capture') || undefined;
    const status = request.form.get('Status') || undefined;
    if ((capture === undefined) === (status === undefined))
      throw this.#refusal(64018, 'Send either Capture or Status');
    return this.#keys.once(`update ${sid} ${capture ?? status}`, key, () => {
      this.#mustBeInProgress(callSid);
      const callbacks =
        capture === undefined
          ? this.#changeStatus(session, status ?? '', key, statusCallback)
          : this.#capture(session, capture, statusCallback);
      return this.#answer(202, session, callbacks);
    });
  }

  #capture(session: PaymentSession, name: string, statusCallback: string): CallbackPost[] {
    const { switches } = this.#world;
    if (!isCaptureName(name) || !this.#belongs(session, name)) throw this.#refusal(64020, 'Invalid Capture');
    const open = session.state === 'open' || session.state === 'failed';
    if (!open) throw this.#refusal(64021, 'The payment session does not take captures any more');
    if (session.listening && switches.captureWhileCapturing === 'refused')
      throw this.#refusal(64021, 'Another capture is in progress');
    // What Twilio says to a matcher before its field is not established.
    if (isMatcher(name) && !session.entered.has(fieldOf(name)))
      throw this.#refusal(64021, 'The field to match has not been captured');
    session.statusCallback = statusCallback;
    return openCapture(this.#world, session, name);
  }

  #changeStatus(
    session: PaymentSession,
    status: string,
    key: string,
    statusCallback: string,
  ): CallbackPost[] {
    if (status !== 'complete' && status !== 'cancel') throw this.#refusal(64020, 'Invalid Status');
    const open = session.state === 'open' || session.state === 'failed';
    const cancellable = open || session.state === 'confirming';
    if (status === 'cancel') {
      if (!cancellable) throw this.#refusal(64021, 'The payment session can no longer be cancelled');
      session.statusCallback = statusCallback;
      return cancel(this.#world, session);
    }
    if (!open) throw this.#refusal(64021, 'The payment session cannot be completed now');
    if (requiredCaptures(session, this.#world.switches.matcherBeforeComplete).length > 0)
      throw this.#refusal(64019, 'Required payment information is missing');
    session.statusCallback = statusCallback;
    complete(this.#world, session, key);
    return [];
  }

  /** Card fields for a card, bank fields for a bank account. */
  #belongs(session: PaymentSession, capture: CaptureName): boolean {
    return fieldOf(capture).startsWith('bank-') === (session.terms.paymentMethod === 'ach-debit');
  }

  #refuseSecond(callSid: string, terms: PaymentTerms, statusCallback: string): ApiAnswer {
    const { sessionInProgress } = this.#world.switches;
    const message = 'A payment session is already in progress on this call';
    if (sessionInProgress === 'rest') throw this.#refusal(64021, message);
    const session = this.#open(callSid, terms, statusCallback);
    session.state = 'refused';
    const callback = callbackOf(session, this.#world.parameters.error(session, 'session-in-progress'));
    if (sessionInProgress === 'callback') return this.#answer(201, session, [callback]);
    void this.#world.delivery.hand([callback]);
    throw this.#refusal(64021, message);
  }

  #open(callSid: string, terms: PaymentTerms, statusCallback: string): PaymentSession {
    const now = this.#world.clock.now();
    const session: PaymentSession = {
      sid: this.#world.random.sid('PK'),
      callSid,
      terms,
      createdAt: now,
      updatedAt: now,
      statusCallback,
      state: 'open',
      result: undefined,
      entered: new Map(),
      matched: new Set(),
      cardType: undefined,
      listening: undefined,
      completionKey: '',
    };
    this.#world.sessions.set(session.sid, session);
    this.#world.events.emit({ type: 'payment', callSid, paymentSid: session.sid });
    return session;
  }

  #mustBeInProgress(callSid: string): void {
    if (this.#world.calls.find(callSid)?.status !== 'in-progress')
      throw new ApiError(400, 21220, 'Call is not in-progress');
  }

  #refusal(code: number, message: string): ApiError {
    return new ApiError(this.#world.switches.paymentErrorStatus, code, message);
  }

  /** Exactly the six properties of the OpenAPI file: no status, no captured field, no result. */
  #answer(status: number, session: PaymentSession, callbacks: readonly CallbackPost[]): ApiAnswer {
    const { accountSid } = this.#world;
    const body = {
      account_sid: accountSid,
      call_sid: session.callSid,
      sid: session.sid,
      date_created: rfc2822(session.createdAt),
      date_updated: rfc2822(session.updatedAt),
      uri: `/2010-04-01/Accounts/${accountSid}/Calls/${session.callSid}/Payments/${session.sid}.json`,
    };
    return { status, body, callbacks };
  }
}
