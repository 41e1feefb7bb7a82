/** A payment connector as installed in an account's Console. */
export interface Connector {
  /** ISO 4217 codes that its gateway takes; others get 64011. */
  readonly currencies: readonly string[];
  /** `payment-method` is for Stripe only (Payment resource page); others get 64006. */
  readonly tokenTypes: readonly string[];
  /** Others get 64013. */
  readonly paymentMethods: readonly string[];
}

export const TOKEN_TYPES = ['one-time', 'reusable', 'payment-method'];
export const PAYMENT_METHODS = ['credit-card', 'ach-debit'];

/** A connector that can do everything; which currencies a real one takes is its gateway's affair. */
export const EVERYTHING: Connector = {
  currencies: ['USD', 'EUR', 'GBP', 'AUD', 'CAD', 'NZD', 'CHF', 'JPY', 'SEK', 'NOK', 'DKK'],
  tokenTypes: TOKEN_TYPES,
  paymentMethods: PAYMENT_METHODS,
};
