import { PaymentError } from '../errors.ts';
import { CAPTURES, type Capture, MATCHABLE_FIELDS, matcherOf } from './fields.ts';
import type { Terms } from './session.ts';
import { type BANK_ACCOUNT_TYPES, CARD_TYPES, type PAYMENT_METHODS } from './setting-values.ts';
import type { TOKEN_TYPES } from './token-types.ts';

/** Twilio charges less than a million. */
const CHARGE_LIMIT = 1_000_000;
/** What all connector parameters may have together, in characters: they are kept in the session's document. */
const MAX_PARAMETERS = 1_000;

/** What an agent may say about a payment that it starts, by Twilio's names. Absent: the default of the operator. */
export interface RequestedTerms {
  chargeAmount?: number | undefined;
  currency?: string | undefined;
  description?: string | undefined;
  tokenType?: (typeof TOKEN_TYPES)[number] | undefined;
  paymentMethod?: (typeof PAYMENT_METHODS)[number] | undefined;
  bankAccountType?: (typeof BANK_ACCOUNT_TYPES)[number] | undefined;
  paymentConnector?: string | undefined;
  securityCode?: boolean | undefined;
  postalCode?: boolean | undefined;
  minPostalCodeLength?: number | undefined;
  validCardTypes?: readonly (typeof CARD_TYPES)[number][] | undefined;
  requireMatchingInputs?: readonly (typeof MATCHABLE_FIELDS)[number][] | undefined;
  timeout?: number | undefined;
  confirmation?: boolean | undefined;
  parameter?: Readonly<Record<string, string>> | undefined;
  language?: string | undefined;
}

/** What the operator has set: defaults, and limits that hold for every start. */
export interface PaymentSettings {
  currency: string;
  tokenType: (typeof TOKEN_TYPES)[number];
  paymentMethod: (typeof PAYMENT_METHODS)[number];
  bankAccountType: (typeof BANK_ACCOUNT_TYPES)[number] | undefined;
  /** The connectors that may be used; the first is the default. */
  paymentConnectors: readonly string[];
  securityCode: boolean;
  postalCode: boolean;
  minPostalCodeLength: number | undefined;
  validCardTypes: readonly (typeof CARD_TYPES)[number][];
  requireMatchingInputs: readonly (typeof MATCHABLE_FIELDS)[number][];
  timeout: number | undefined;
  confirmation: boolean;
  parameter: Readonly<Record<string, string>>;
  language: string;
  /** The most that one payment may charge in each currency; nothing in a currency that has no amount here. */
  maxChargeAmounts: AmountByCurrency;
  /** Currencies that may be charged. */
  allowedCurrencies: readonly string[];
}

/** Amounts by ISO 4217 code, in capital letters. */
export type AmountByCurrency = Readonly<Record<string, number>>;

/** What goes with cards alone. */
const CARD_ONLY = [
  'securityCode',
  'postalCode',
  'minPostalCodeLength',
  'validCardTypes',
  'requireMatchingInputs',
] as const;

/**
 * The terms of a payment from what the agent says and the operator has set.
 * @throws AMOUNT_REFUSED or CURRENCY_REFUSED where a limit forbids it, INVALID_ARGUMENT where Twilio would refuse
 * the combination, with the reason (same page; https://www.twilio.com/docs/api/errors, 64003 to 64020).
 */
export function toTerms(asked: RequestedTerms, settings: PaymentSettings): Terms {
  const chargeAmount = asked.chargeAmount ?? 0;
  const currency = (asked.currency ?? settings.currency).toUpperCase();
  const paymentMethod = asked.paymentMethod ?? settings.paymentMethod;
  checkCharge(chargeAmount, currency, settings);
  if (chargeAmount > 0 && asked.tokenType)
    refuse('tokenType: a charge makes no token; leave one of the two out');
  const method = paymentMethod === 'ach-debit' ? bankTerms(asked, settings) : cardTerms(asked, settings);
  const paymentConnector = asked.paymentConnector ?? settings.paymentConnectors[0] ?? '';
  if (!settings.paymentConnectors.includes(paymentConnector))
    refuse(`paymentConnector: may be ${settings.paymentConnectors.join(', ')}`);
  const parameter = { ...settings.parameter, ...asked.parameter };
  if (JSON.stringify(parameter).length > MAX_PARAMETERS)
    refuse(`parameter: at most ${MAX_PARAMETERS} characters in all`);
  if (paymentMethod === 'ach-debit' && !parameter.AVSName?.trim())
    throw new PaymentError('INVALID_ARGUMENT', {
      detail:
        "parameter.AVSName is missing: ach-debit needs the account holder's name, which the caller may say.",
      nextStep: 'askCaller',
      say: 'ask.account-holder',
      thenCall: 'startPaymentCapture',
    });
  return {
    chargeAmount,
    currency,
    tokenType: chargeAmount > 0 ? '' : (asked.tokenType ?? settings.tokenType),
    description: asked.description ?? '',
    paymentConnector,
    paymentMethod,
    timeout: asked.timeout ?? settings.timeout ?? 0,
    confirmation: asked.confirmation ?? settings.confirmation,
    parameter,
    language: asked.language ?? settings.language,
    ...method,
  };
}

/** Whether two starts mean the same payment; words and waiting times do not count. */
export function sameTerms(a: Terms, b: Terms): boolean {
  const meaning = ({ description: _, timeout: __, language: ___, parameter, ...rest }: Terms) =>
    JSON.stringify([Object.entries(rest).sort(), Object.entries(parameter).sort()]);
  return meaning(a) === meaning(b);
}

type MethodTerms = Pick<Terms, 'required' | 'bankAccountType' | 'minPostalCodeLength' | 'validCardTypes'>;

function bankTerms(asked: RequestedTerms, settings: PaymentSettings): MethodTerms {
  for (const name of CARD_ONLY) {
    const value = asked[name];
    if (value !== undefined && value !== false) refuse(`${name}: goes with cards alone, not with ach-debit`);
  }
  return {
    required: ['bank-routing-number', 'bank-account-number'],
    bankAccountType: asked.bankAccountType ?? settings.bankAccountType ?? '',
    minPostalCodeLength: 0,
    validCardTypes: [],
  };
}

function cardTerms(asked: RequestedTerms, settings: PaymentSettings): MethodTerms {
  if (asked.bankAccountType) refuse('bankAccountType: goes with ach-debit alone');
  const postalCode = asked.postalCode ?? settings.postalCode;
  if (asked.minPostalCodeLength && !postalCode)
    refuse('minPostalCodeLength: the postal code is not asked for');
  const isAsked = {
    'payment-card-number': true,
    'security-code': asked.securityCode ?? settings.securityCode,
    'expiration-date': true,
    'postal-code': postalCode,
  };
  for (const field of asked.requireMatchingInputs ?? []) {
    if (!isAsked[field]) refuse(`requireMatchingInputs: the ${field} is not asked for`);
  }
  const twice = asked.requireMatchingInputs ?? settings.requireMatchingInputs;
  const required = MATCHABLE_FIELDS.filter((field) => isAsked[field]).flatMap((field): Capture[] => {
    const matcher = matcherOf(field);
    return matcher && twice.includes(field) ? [field, matcher] : [field];
  });
  const types = asked.validCardTypes ?? settings.validCardTypes;
  return {
    required: CAPTURES.filter((capture) => required.includes(capture)),
    bankAccountType: '',
    minPostalCodeLength: postalCode ? (asked.minPostalCodeLength ?? settings.minPostalCodeLength ?? 0) : 0,
    validCardTypes: CARD_TYPES.filter((type) => types.includes(type)),
  };
}

/** @throws AMOUNT_REFUSED or CURRENCY_REFUSED. Checked again before a payment is completed, for limits may have changed. */
export function checkCharge(
  chargeAmount: number,
  currency: string,
  { maxChargeAmounts, allowedCurrencies }: Pick<PaymentSettings, 'maxChargeAmounts' | 'allowedCurrencies'>,
): void {
  if (chargeAmount === 0) return;
  if (!allowedCurrencies.includes(currency))
    throw new PaymentError('CURRENCY_REFUSED', {
      detail: `Charges may be in ${allowedCurrencies.join(', ')}.`,
    });
  const maxChargeAmount = maxChargeAmounts[currency];
  if (maxChargeAmount === undefined)
    throw new PaymentError('CURRENCY_REFUSED', {
      detail: `MAX_CHARGE_AMOUNT has no amount for ${currency}, so nothing can be charged in it.`,
    });
  const decimals = decimalsOf(currency);
  if (chargeAmount > maxChargeAmount || chargeAmount >= CHARGE_LIMIT)
    throw new PaymentError('AMOUNT_REFUSED', {
      detail: `The most that may be charged is ${maxChargeAmount} ${currency}.`,
    });
  if (Number(chargeAmount.toFixed(decimals)) !== chargeAmount)
    throw new PaymentError('AMOUNT_REFUSED', {
      detail: `An amount in ${currency} has ${WORDS[decimals]} decimals.`,
    });
}

/**
 * Currencies by the decimals of their amounts, where these are not two (ISO 4217, list one). Intl has other ones, for
 * it tells how amounts are usually written.
 */
const DECIMALS = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' '),
  3: 'BHD IQD JOD KWD LYD OMR TND'.split(' '),
  4: 'CLF UYW'.split(' '),
};

const WORDS = ['no', 'at most one', 'at most two', 'at most three', 'at most four'];

/** How many decimals an amount in a currency may have (ISO 4217). */
export function decimalsOf(currency: string): number {
  const listed = Object.entries(DECIMALS).find(([, currencies]) => currencies.includes(currency));
  return listed ? Number(listed[0]) : 2;
}

function refuse(detail: string): never {
  throw new PaymentError('INVALID_ARGUMENT', { detail: `${detail}.` });
}
