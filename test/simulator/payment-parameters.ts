import { ApiError } from './api.ts';
import { CARD_TYPES, type CardType } from './cards.ts';
import { type Connector, PAYMENT_METHODS, TOKEN_TYPES } from './connectors.ts';
import { type Field, MATCHABLE_FIELDS } from './fields.ts';
import type { PaymentTerms } from './payment-session.ts';

const BANK_ACCOUNT_TYPES = ['consumer-checking', 'consumer-savings', 'commercial-checking'];
const LONGEST_URL = 4_000;
const LONGEST_TIMEOUT_SECONDS = 600;

/** Checks what both operations need: IdempotencyKey and an absolute StatusCallback (error 21609). */
export function commonParameters(form: URLSearchParams): { key: string; statusCallback: string } {
  const key = form.get('IdempotencyKey') ?? '';
  if (key === '') throw new ApiError(400, 20001, "Missing required parameter 'IdempotencyKey'");
  const statusCallback = form.get('StatusCallback') ?? '';
  if (statusCallback.length > LONGEST_URL || !isWebUrl(statusCallback))
    throw new ApiError(400, 21609, "Invalid 'StatusCallback' URL");
  return { key, statusCallback };
}

/** The documentation allows relative URLs, but they broke in practice, so that only absolute ones pass here. */
function isWebUrl(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}

/** Checks the create parameters (Payment resource page; codes from the error list). `status` goes with 64xxx codes. */
export function paymentTerms(
  form: URLSearchParams,
  connectors: ReadonlyMap<string, Connector>,
  status: number,
): PaymentTerms {
  const refuse = (code: number, message: string): never => {
    throw new ApiError(status, code, message);
  };
  const text = (name: string): string | undefined => form.get(name) || undefined;
  const oneOf = (name: string, allowed: readonly string[], fallback: string, code: number): string => {
    const value = text(name) ?? fallback;
    return allowed.includes(value) ? value : refuse(code, `Invalid ${name}`);
  };
  const flag = (name: string, fallback: boolean): boolean =>
    oneOf(name, ['true', 'false'], String(fallback), 64020) === 'true';
  const whole = (name: string, max: number): number | undefined => {
    const value = text(name);
    if (value === undefined) return undefined;
    return /^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= max
      ? Number(value)
      : refuse(64020, `Invalid ${name}`);
  };
  const list = (name: string, separator: RegExp, allowed: readonly string[]): string[] => {
    const names = (text(name) ?? '').split(separator).filter((item) => item !== '');
    return names.every((item) => allowed.includes(item)) ? names : refuse(64020, `Invalid ${name}`);
  };

  const paymentConnector = text('PaymentConnector') ?? 'Default';
  const connector =
    connectors.get(paymentConnector) ??
    refuse(64004, 'PaymentConnector does not match an installed connector');

  const paymentMethod = oneOf('PaymentMethod', PAYMENT_METHODS, 'credit-card', 64013);
  if (!connector.paymentMethods.includes(paymentMethod)) refuse(64013, 'PaymentMethod is not supported');
  const bankAccountType = text('BankAccountType');
  if (bankAccountType !== undefined) {
    if (paymentMethod === 'credit-card') refuse(64017, 'BankAccountType does not go with a card');
    oneOf('BankAccountType', BANK_ACCOUNT_TYPES, '', 64020);
  }

  const currency = (text('Currency') ?? 'USD').toUpperCase();
  const chargeAmount = chargeOf(text('ChargeAmount'), currency, () =>
    refuse(64003, 'ChargeAmount is invalid'),
  );
  if (!connector.currencies.includes(currency)) refuse(64011, 'Currency is not supported');
  const tokenType = oneOf('TokenType', TOKEN_TYPES, 'reusable', 64006);
  if (chargeAmount === undefined && !connector.tokenTypes.includes(tokenType))
    refuse(64006, 'TokenType is not supported by the connector');

  oneOf('Input', ['dtmf'], 'dtmf', 64020);
  const timeout = whole('Timeout', LONGEST_TIMEOUT_SECONDS);
  const custom = customParameters(text('Parameter'), () =>
    refuse(64020, 'Parameter is not a single-level JSON object'),
  );
  if (paymentMethod === 'ach-debit' && !custom.has('AVSName'))
    refuse(64014, 'ACH payments need the AVSName parameter');

  const cardTypes = list('ValidCardTypes', /\s+/, CARD_TYPES);
  return {
    paymentConnector,
    paymentMethod: paymentMethod === 'ach-debit' ? 'ach-debit' : 'credit-card',
    chargeAmount,
    currency,
    tokenType,
    bankAccountType: paymentMethod === 'ach-debit' ? (bankAccountType ?? 'consumer-checking') : undefined,
    description: text('Description'),
    postalCode: flag('PostalCode', true),
    securityCode: flag('SecurityCode', true),
    minPostalCodeLength: whole('MinPostalCodeLength', 20),
    validCardTypes:
      cardTypes.length > 0
        ? CARD_TYPES.filter((type) => cardTypes.includes(type))
        : (['visa', 'mastercard', 'amex'] satisfies CardType[]),
    matching: matchingFields(list('RequireMatchingInputs', /\s*,\s*/, MATCHABLE_FIELDS)),
    confirmation: flag('Confirmation', false),
    timeout,
  };
}

function matchingFields(names: readonly string[]): Field[] {
  return MATCHABLE_FIELDS.filter((field) => names.includes(field));
}

/** ISO 4217: the decimals of currencies that do not have two. Some of each, for tests. */
const PLACES: Readonly<Record<string, number>> = { JPY: 0, KRW: 0, ISK: 0, KWD: 3, BHD: 3, CLF: 4 };

/**
 * A positive decimal below a million, with as many places as conform to its currency (error 64003); blank or zero
 * makes the payment a tokenization.
 */
function chargeOf(text: string | undefined, currency: string, refuse: () => never): string | undefined {
  if (text === undefined) return undefined;
  const [, decimals = ''] = /^\d+(?:\.(\d+))?$/.exec(text) ?? refuse();
  if (decimals.length > (PLACES[currency] ?? 2) || Number(text) >= 1_000_000) return refuse();
  return Number(text) === 0 ? undefined : text;
}

/** The names in Parameter: a JSON object whose values are not objects themselves. */
function customParameters(text: string | undefined, refuse: () => never): ReadonlySet<string> {
  if (text === undefined) return new Set();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse();
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse();
  if (Object.values(value).some((inner) => typeof inner === 'object' && inner !== null)) return refuse();
  return new Set(Object.keys(value));
}
