/** What a caller types who pays with a card that the simulator's processor takes. */
export const TEST_CARD = {
  number: '4242424242424242',
  securityCode: '123',
  /** December in three years. */
  expirationDate: `12${(new Date().getFullYear() + 3) % 100}`,
} as const;

/** The same number with a wrong check digit. */
export const MISTYPED_NUMBER = '4242424242424241';
