/** What a tokenization makes; empty for a charge, with which Twilio takes no token type. */
export const TOKEN_TYPES = ['one-time', 'reusable', 'payment-method'] as const;
