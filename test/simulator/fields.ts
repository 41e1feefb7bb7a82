import { type CardType, cardTypeOf, fullCardLength, isCardNumber } from './cards.ts';

/** What can be captured (Payment resource page, Capture), in the order in which Required lists it. */
export const FIELDS = [
  'payment-card-number',
  'expiration-date',
  'security-code',
  'postal-code',
  'bank-routing-number',
  'bank-account-number',
] as const;
export type Field = (typeof FIELDS)[number];

export const MATCHABLE_FIELDS = FIELDS.slice(0, 4);
export type CaptureName = Field | `${Field}-matcher`;

/** The field that a capture is about: its own, or the one that a matcher repeats. */
export function fieldOf(capture: CaptureName): Field {
  return FIELDS.find((field) => capture === field || capture === `${field}-matcher`) ?? 'payment-card-number';
}

export function isCaptureName(name: string): name is CaptureName {
  return (
    FIELDS.some((field) => name === field) || MATCHABLE_FIELDS.some((field) => name === `${field}-matcher`)
  );
}

export function isMatcher(capture: CaptureName): boolean {
  return capture.endsWith('-matcher');
}

/** The callback parameter that holds a field's value (Payment resource page, StatusCallback). */
export const FIELD_PARAMETERS: Readonly<Record<Field, string>> = {
  'payment-card-number': 'PaymentCardNumber',
  'expiration-date': 'ExpirationDate',
  'security-code': 'SecurityCode',
  'postal-code': 'PaymentCardPostalCode',
  'bank-routing-number': 'BankRoutingNumber',
  'bank-account-number': 'BankAccountNumber',
};

/** What judging an entry needs to know beside the digits. */
export interface EntryRules {
  readonly validCardTypes: readonly CardType[];
  readonly minPostalCodeLength: number | undefined;
  readonly cardType: CardType | undefined;
  readonly now: number;
}

const BANK_ROUTING_LENGTH = 9;
const BANK_ACCOUNT_MAX = 17;
const BANK_ACCOUNT_MIN = 4;

function securityCodeLength(cardType: CardType | undefined): number {
  return cardType === 'amex' ? 4 : 3;
}

/** Whether Twilio stops listening by itself after these digits. Otherwise `#` or a pause ends the entry. */
export function isFull(field: Field, digits: string, rules: EntryRules): boolean {
  switch (field) {
    case 'payment-card-number':
      return digits.length >= fullCardLength(digits);
    case 'expiration-date':
      return digits.length >= 4;
    case 'security-code':
      return digits.length >= securityCodeLength(rules.cardType);
    case 'postal-code':
      return rules.minPostalCodeLength !== undefined && digits.length >= rules.minPostalCodeLength;
    case 'bank-routing-number':
      return digits.length >= BANK_ROUTING_LENGTH;
    case 'bank-account-number':
      return digits.length >= BANK_ACCOUNT_MAX;
  }
}

/** The ErrorType of an entry that is over, or undefined where it is accepted (Payment resource page, ErrorType). */
export function errorOf(field: Field, digits: string, rules: EntryRules): string | undefined {
  switch (field) {
    case 'payment-card-number': {
      if (!isCardNumber(digits)) return 'invalid-card-number';
      const cardType = cardTypeOf(digits);
      return cardType && rules.validCardTypes.includes(cardType) ? undefined : 'invalid-card-type';
    }
    case 'expiration-date':
      return isFutureMonth(digits, rules.now) ? undefined : 'invalid-date';
    case 'security-code':
      return digits.length === securityCodeLength(rules.cardType) ? undefined : 'invalid-security-code';
    case 'postal-code':
      return digits.length >= (rules.minPostalCodeLength ?? 1) ? undefined : 'invalid-postal-code';
    case 'bank-routing-number':
      return isRoutingNumber(digits) ? undefined : 'invalid-bank-routing-number';
    case 'bank-account-number':
      return digits.length >= BANK_ACCOUNT_MIN ? undefined : 'invalid-bank-account-number';
  }
}

/** MMYY, and the month is not over yet. */
function isFutureMonth(digits: string, now: number): boolean {
  if (!/^(0[1-9]|1[0-2])\d\d$/.test(digits)) return false;
  const firstInstantAfter = Date.UTC(2000 + Number(digits.slice(2)), Number(digits.slice(0, 2)), 1);
  return firstInstantAfter > now;
}

/** Nine digits with the check digit of the American Bankers Association. */
function isRoutingNumber(digits: string): boolean {
  const weights = [3, 7, 1];
  const sum = [...digits].reduce(
    (total, digit, place) => total + Number(digit) * (weights[place % 3] ?? 0),
    0,
  );
  return digits.length === BANK_ROUTING_LENGTH && sum % 10 === 0;
}
