/** What a caller can be asked for, in the order in which a payment asks for it: the security code is checked by the card's brand, so it follows the card number (https://www.twilio.com/docs/voice/api/payment-resource). */
export const FIELDS = [
  'payment-card-number',
  'security-code',
  'expiration-date',
  'postal-code',
  'bank-routing-number',
  'bank-account-number',
] as const;
export type Field = (typeof FIELDS)[number];

/** The fields that Twilio can have typed a second time, to be compared (same page, RequireMatchingInputs). */
export const MATCHABLE_FIELDS = [
  'payment-card-number',
  'security-code',
  'expiration-date',
  'postal-code',
] as const;
type MatchableField = (typeof MATCHABLE_FIELDS)[number];

/** What Twilio can be told to listen for: a field, or its second entry, in the order in which a payment asks. */
export const CAPTURES = FIELDS.flatMap((field) =>
  isMatchable(field) ? ([field, `${field}-matcher`] as const) : [field],
);
export type Capture = Field | `${MatchableField}-matcher`;

function isMatchable(field: Field): field is MatchableField {
  return MATCHABLE_FIELDS.some((name) => name === field);
}

/** The field that a capture is about. */
export function fieldOf(capture: Capture): Field {
  return capture.replace(/-matcher$/, '') as Field;
}

/** The capture of a field's second entry; undefined where Twilio has none. */
export function matcherOf(field: Field): Capture | undefined {
  return isMatchable(field) ? `${field}-matcher` : undefined;
}

export function isMatcher(capture: Capture): boolean {
  return capture.endsWith('-matcher');
}
