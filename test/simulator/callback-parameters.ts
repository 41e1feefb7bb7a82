import { cardTypeOf } from './cards.ts';
import { isoWithMilliseconds } from './clock.ts';
import { type CaptureName, FIELD_PARAMETERS, FIELDS, fieldOf } from './fields.ts';
import { finishedMask, growingMask } from './masks.ts';
import { type PaymentSession, requiredCaptures } from './payment-session.ts';
import type { Switches } from './switches.ts';

type Params = Record<string, string>;

/** Makes the parameters of every kind of status callback (Payment resource page, StatusCallback). */
export class CallbackParameters {
  readonly #accountSid: string;
  readonly #switches: Switches;
  readonly #parentOf: (callSid: string) => string | undefined;

  constructor(accountSid: string, switches: Switches, parentOf: (callSid: string) => string | undefined) {
    this.#accountSid = accountSid;
    this.#switches = switches;
    this.#parentOf = parentOf;
  }

  /** After the create request. */
  created(session: PaymentSession): Params {
    return this.#finish({ ...this.#identity(session), ...this.#terms(session) });
  }

  /** After an update request that asks for a capture, before any digit. */
  captureOpened(session: PaymentSession, capture: CaptureName): Params {
    return this.#finish({
      ...this.#during(session),
      ...this.#capture(capture),
      ...this.#required(session),
    });
  }

  /** After each digit. */
  partial(session: PaymentSession, capture: CaptureName, digits: string): Params {
    const field = fieldOf(capture);
    const cardType =
      field === 'payment-card-number' && this.#switches.partialCardType ? cardTypeOf(digits) : undefined;
    return this.#finish({
      ...this.#during(session),
      ...this.#captured(session, this.#switches.earlierFieldsInCallbacks),
      ...(cardType ? { PaymentCardType: cardType } : {}),
      ...this.#capture(capture),
      PartialResult: 'true',
      [FIELD_PARAMETERS[field]]: growingMask(field, digits, this.#switches),
      ...this.#required(session),
    });
  }

  /** When an entry was accepted. */
  done(session: PaymentSession, capture: CaptureName): Params {
    const { donePartialResult, earlierFieldsInCallbacks } = this.#switches;
    const field = fieldOf(capture);
    const shown = this.#captured(session, earlierFieldsInCallbacks, field);
    return this.#finish({
      ...this.#during(session),
      ...shown,
      ...this.#capture(capture),
      ...(donePartialResult === 'missing'
        ? {}
        : { PartialResult: donePartialResult === 'false' ? 'false' : '' }),
      ...this.#required(session),
    });
  }

  /** When an entry was not accepted, or a session not started. */
  error(session: PaymentSession, errorType: string, capture?: CaptureName): Params {
    const { errorCarriesPartialResult, errorCarriesRequired, earlierFieldsInCallbacks } = this.#switches;
    return this.#finish({
      ...this.#during(session),
      ...this.#captured(session, earlierFieldsInCallbacks),
      ...(capture ? this.#capture(capture) : {}),
      ErrorType: errorType,
      ...(errorCarriesPartialResult ? { PartialResult: 'false' } : {}),
      ...(errorCarriesRequired && capture ? this.#required(session) : {}),
    });
  }

  /** The last callback of a session. Captured ones lack most of the common block that the documentation promises. */
  final(session: PaymentSession, outcome: Params): Params {
    return this.#finish({
      ...this.#identity(session),
      ...(this.#switches.finalFields === 'full'
        ? this.#terms(session)
        : { PaymentMethod: session.terms.paymentMethod }),
      DateUpdated: isoWithMilliseconds(session.updatedAt),
      ...this.#captured(session, true),
      ...outcome,
    });
  }

  #identity(session: PaymentSession): Params {
    const parent = this.#switches.callbackCallSid === 'parent' ? this.#parentOf(session.callSid) : undefined;
    return { AccountSid: this.#accountSid, CallSid: parent ?? session.callSid, Sid: session.sid };
  }

  #terms({ terms, createdAt }: PaymentSession): Params {
    return {
      PaymentConnector: terms.paymentConnector,
      PaymentMethod: terms.paymentMethod,
      ...(terms.chargeAmount === undefined
        ? { TokenType: terms.tokenType }
        : { ChargeAmount: terms.chargeAmount }),
      ...(terms.bankAccountType === undefined ? {} : { BankAccountType: terms.bankAccountType }),
      DateCreated: isoWithMilliseconds(createdAt),
    };
  }

  #during(session: PaymentSession): Params {
    return {
      ...this.#identity(session),
      ...this.#terms(session),
      DateUpdated: isoWithMilliseconds(session.updatedAt),
    };
  }

  /** The accepted fields, masked; only the one named where `all` is off. */
  #captured(session: PaymentSession, all: boolean, only?: (typeof FIELDS)[number]): Params {
    const params: Params = {};
    for (const field of FIELDS) {
      const digits = session.entered.get(field);
      if (digits === undefined || !(all || field === only)) continue;
      if (field === 'expiration-date' && !this.#switches.expirationInCallbacks) continue;
      params[FIELD_PARAMETERS[field]] = finishedMask(field, digits, this.#switches);
      if (field === 'payment-card-number' && session.cardType) params.PaymentCardType = session.cardType;
    }
    return params;
  }

  #capture(capture: CaptureName): Params {
    return { Capture: this.#switches.matcherCapture === 'field' ? fieldOf(capture) : capture };
  }

  #required(session: PaymentSession): Params {
    const { requiredPresent, requiredNames, matcherInRequired } = this.#switches;
    if (!requiredPresent) return {};
    const names = requiredCaptures(session, matcherInRequired);
    return { Required: (requiredNames === 'camel' ? names.map(camelCase) : names).join(', ') };
  }

  #finish(params: Params): Params {
    if (!this.#switches.expirationInCallbacks) delete params.ExpirationDate;
    if (this.#switches.extraParameters)
      Object.assign(params, {
        ApiVersion: '2010-04-01',
        'X-New.Parameter': ' spaced & ünusual=? ',
        aLowerCaseOne: '',
      });
    return params;
  }
}

function camelCase(name: string): string {
  return name.replace(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());
}
