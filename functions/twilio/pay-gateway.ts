import type { Twilio } from 'twilio';
import type {
  PaymentBankAccountType,
  PaymentListInstanceCreateOptions,
  PaymentPaymentMethod,
} from 'twilio/lib/rest/api/v2010/account/call/payment.js';
import { PaymentError } from '../payments/errors.ts';
import type { Call, Gateway } from '../payments/ports.ts';
import { fieldOf, isMatcher } from '../payments/session/fields.ts';
import type { Terms } from '../payments/session/session.ts';
import { answerOf, toPaymentError } from './client.ts';
import { statusCallbackUrl } from './status-callback-url.ts';

/** One page of calls: enough to choose from. */
const LISTED_CALLS = 50;

export interface PayGatewayOptions {
  /** Made when it is first needed: most requests of a client need none. */
  client(): Twilio;
  /** Where Twilio reaches this service, without a trailing slash. */
  callbackUrl: string;
  /** Whether a SIP leg may be the caller's: over a carrier's SBC it is. Whether Payments hears it is not established. */
  allowSip: boolean;
}

/** The Payments API and the calls it belongs to (https://www.twilio.com/docs/voice/api/payment-resource). */
export function createPayGateway({ client, callbackUrl, allowSip }: PayGatewayOptions): Gateway {
  const toCall = (call: CallInstance) => asCall(call, allowSip);
  const payment = ({ callSid, paymentSid }: { callSid: string; paymentSid: string }) =>
    client().calls(callSid).payments(paymentSid);

  return {
    async fetchCall(callSid) {
      try {
        return toCall(await client().calls(callSid).fetch());
      } catch (error) {
        if (answerOf(error).status === 404)
          throw new PaymentError('CALL_NOT_FOUND', { twilio: answerOf(error) });
        throw toPaymentError(error, 'start');
      }
    },

    async listCallsInProgress() {
      try {
        const calls = await client().calls.list({ status: 'in-progress', limit: LISTED_CALLS });
        return calls.map(toCall).filter(({ isPstn }) => isPstn);
      } catch (error) {
        throw toPaymentError(error);
      }
    },

    async findPstnLeg(call) {
      try {
        const [parent, children] = await Promise.all([
          call.parentCallSid ? client().calls(call.parentCallSid).fetch() : undefined,
          client().calls.list({ parentCallSid: call.callSid, status: 'in-progress', limit: 20 }),
        ]);
        return [...(parent ? [parent] : []), ...children].map(toCall).find((leg) => leg.isPstn)?.callSid;
      } catch {
        return undefined;
      }
    },

    async start({ callSid, terms, attempt, idempotencyKey }) {
      try {
        const created = await client()
          .calls(callSid)
          .payments.create({
            idempotencyKey,
            statusCallback: statusCallbackUrl(callbackUrl, { call: callSid, start: attempt }),
            ...toParameters(terms),
          });
        return created.sid;
      } catch (error) {
        const answer = answerOf(error);
        if (answer.code === 64021) throw new PaymentError('SESSION_IN_PROGRESS', { twilio: answer });
        throw toPaymentError(error, 'start');
      }
    },

    async capture(session, { capture, command, idempotencyKey }) {
      const tag = { call: session.callSid, command, field: capture };
      try {
        await payment(session).update({
          idempotencyKey,
          statusCallback: statusCallbackUrl(callbackUrl, tag),
          capture,
        });
      } catch (error) {
        throw toPaymentError(error, 'step');
      }
    },

    async end(session, { ending, idempotencyKey }) {
      const tag = { call: session.callSid, command: session.command, ending };
      try {
        await payment(session).update({
          idempotencyKey,
          statusCallback: statusCallbackUrl(callbackUrl, tag),
          status: ending,
        });
      } catch (error) {
        const answer = answerOf(error);
        if (ending === 'cancel' && answer.code === 64021)
          throw new PaymentError('PAYMENT_FINISHED', { twilio: answer });
        throw toPaymentError(error, ending === 'complete' ? 'step' : undefined);
      }
    },
  };
}

/** The parameters of a create request, but for its key and callback; what is at Twilio's own default is left out. */
function toParameters(
  terms: Terms,
): Omit<PaymentListInstanceCreateOptions, 'idempotencyKey' | 'statusCallback'> {
  const { chargeAmount, currency, tokenType, description, required } = terms;
  const matching = required.filter(isMatcher).map(fieldOf);
  return {
    ...(chargeAmount > 0 && { chargeAmount }),
    currency,
    ...(tokenType && { tokenType }),
    ...(description && { description }),
    paymentConnector: terms.paymentConnector,
    paymentMethod: terms.paymentMethod as PaymentPaymentMethod,
    ...(terms.bankAccountType && { bankAccountType: terms.bankAccountType as PaymentBankAccountType }),
    securityCode: required.includes('security-code'),
    postalCode: required.includes('postal-code'),
    ...(terms.minPostalCodeLength > 0 && { minPostalCodeLength: terms.minPostalCodeLength }),
    ...(terms.validCardTypes.length > 0 && { validCardTypes: terms.validCardTypes.join(' ') }),
    ...(matching.length > 0 && { requireMatchingInputs: matching.join(',') }),
    ...(terms.timeout > 0 && { timeout: terms.timeout }),
    ...(terms.confirmation && { confirmation: 'true' }),
    ...(Object.keys(terms.parameter).length > 0 && { parameter: terms.parameter }),
  };
}

type CallInstance = Awaited<ReturnType<ReturnType<Twilio['calls']>['fetch']>>;

function asCall(call: CallInstance, allowSip: boolean): Call {
  const far = call.direction === 'inbound' ? call.from : call.to;
  return {
    callSid: call.sid,
    status: call.status,
    parentCallSid: call.parentCallSid ?? '',
    number: far ?? '',
    startedAt: call.startTime?.getTime() || 0,
    isPstn: !(allowSip ? /^client:/i : /^(?:client|sips?):/i).test(far ?? ''),
  };
}
