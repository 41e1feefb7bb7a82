/**
 * What Twilio's documentation leaves open. Each switch names one such point and the behaviours that would fit; code
 * under test has to work with all of them. The first value named is the default.
 */
export interface Switches {
  /** What a repeated IdempotencyKey for the same resource and operation gets: not established. */
  idempotencyReplay: 'replay' | 'ignored' | 'refused';
  /** Whether a second session on a call is a REST error (64021), an ErrorType callback, or both: not established. */
  sessionInProgress: 'rest' | 'callback' | 'both';
  /** HTTP status of a REST error with a 64xxx code: not established. */
  paymentErrorStatus: 400 | 409;
  /** How a finished field's callback spells PartialResult: the documentation and sample code disagree. */
  donePartialResult: 'false' | 'missing' | 'empty';
  /** Whether ErrorType callbacks carry PartialResult: not established (default: no). */
  errorCarriesPartialResult: boolean;
  /** Whether ErrorType callbacks carry Required: not established (default: yes). */
  errorCarriesRequired: boolean;
  /** Spelling of the names in Required: the documentation's sample has `ExpirationDate`, all code `expiration-date`. */
  requiredNames: 'kebab' | 'camel';
  /** Whether capture callbacks carry Required at all (default: yes, as documented). */
  requiredPresent: boolean;
  /** A finished card number's mask: `xxxxxxxxxxxx1111` (captured) or in groups (Payment resource page). */
  cardMask: 'plain' | 'dashed';
  /** A security code's mask: `xxx` (Payment resource page) or `***` (`<Pay>` page). */
  securityMask: 'x' | 'stars';
  /** What a cancel's last callback says: not established. */
  cancelResult: 'transaction-cancelled' | 'no-result' | 'other';
  /** Whether an update that asks for a capture posts a callback at once, before any digit (documented; default: yes). */
  updateEcho: boolean;
  /** A Capture while another one is listening: not established. */
  captureWhileCapturing: 'replaces' | 'refused';
  /** The callback's CallSid where the call has two legs (documented: the parent's). */
  callbackCallSid: 'parent' | 'leg';
  /** Last callbacks as in captured payloads, or with the whole common block as the documentation says. */
  finalFields: 'captured' | 'full';
  /** Whether `complete` may be repeated in a session whose payment the connector refused: not established. */
  completeAfterFailure: 'refused' | 'allowed';
  /** Whether callbacks carry ExpirationDate: it is missing from some (a sample's remark; default: carried). */
  expirationInCallbacks: boolean;
  /** Code of a 404 for a missing Sync document: 20404 was seen, the error list has 54100. */
  missingDocumentCode: 20404 | 54100;
  /** Whether Sync takes unique names shaped like another product's SID: not established. */
  sidShapedNames: 'allowed' | 'refused';
  /** Adds parameters that nobody knows to every callback (the security page says that new ones appear; default: no). */
  extraParameters: boolean;
  /** Whether a hang-up posts a last callback (documented; default: yes). */
  hangupCallback: boolean;
  /** What becomes of a payment that is at the processor when the caller hangs up: not established. */
  hangupWhileCompleting: 'result' | 'both' | 'hung-up';
  /** Result when the caller presses 2 at the confirmation: not established. */
  confirmationDeclined: 'transaction-cancelled' | 'validation-error';
  /** Whether Required lists `-matcher` captures: not established (default: yes). */
  matcherInRequired: boolean;
  /** Whether `complete` is refused (64019) before the matcher captures are in: not established (default: yes). */
  matcherBeforeComplete: boolean;
  /** Whether callbacks about a second entry name it or its field as Capture: not established. */
  matcherCapture: 'matcher' | 'field';
  /** Whether a field's callbacks carry the fields captured before it (default: yes). */
  earlierFieldsInCallbacks: boolean;
  /** Whether partial callbacks carry PaymentCardType once the prefix tells it: not established (default: no). */
  partialCardType: boolean;
  /** Whether a request is answered only after the callbacks that it caused: order is not established (default: no). */
  callbacksBeforeAnswer: boolean;
  /** What the payment processor says: decided by the card number, or the same for every card. */
  processorOutcome: 'by-card' | 'approve' | 'decline' | 'unavailable' | 'validation-error' | 'internal-error';
  /** How long the payment processor takes, in milliseconds. */
  processorMs: number;
  /** Confirmation codes and tokens of 16 digits, as some gateways make them; `luhn`: with a valid check digit. */
  numericCodes: false | true | 'luhn';
  /** Enforces Sync's limits of about 20 reads and 20 writes a second per document, over 10 s (Sync limits page; default: no). */
  syncRateLimits: boolean;
}

export const DEFAULT_SWITCHES: Readonly<Switches> = {
  idempotencyReplay: 'replay',
  sessionInProgress: 'rest',
  paymentErrorStatus: 400,
  donePartialResult: 'false',
  errorCarriesPartialResult: false,
  errorCarriesRequired: true,
  requiredNames: 'kebab',
  requiredPresent: true,
  cardMask: 'plain',
  securityMask: 'x',
  cancelResult: 'transaction-cancelled',
  updateEcho: true,
  captureWhileCapturing: 'replaces',
  callbackCallSid: 'parent',
  finalFields: 'captured',
  completeAfterFailure: 'refused',
  expirationInCallbacks: true,
  missingDocumentCode: 20404,
  sidShapedNames: 'allowed',
  extraParameters: false,
  hangupCallback: true,
  hangupWhileCompleting: 'result',
  confirmationDeclined: 'transaction-cancelled',
  matcherInRequired: true,
  matcherBeforeComplete: true,
  matcherCapture: 'matcher',
  earlierFieldsInCallbacks: true,
  partialCardType: false,
  callbacksBeforeAnswer: false,
  processorOutcome: 'by-card',
  processorMs: 20,
  numericCodes: false,
  syncRateLimits: false,
};

type Choices = { readonly [Name in keyof Switches]: readonly Switches[Name][] };

const BOOLEAN = [true, false] as const;

/** Every value of every switch, the default first; for `processorMs` some examples. */
export const SWITCH_VALUES: Choices = {
  idempotencyReplay: ['replay', 'ignored', 'refused'],
  sessionInProgress: ['rest', 'callback', 'both'],
  paymentErrorStatus: [400, 409],
  donePartialResult: ['false', 'missing', 'empty'],
  errorCarriesPartialResult: [false, true],
  errorCarriesRequired: BOOLEAN,
  requiredNames: ['kebab', 'camel'],
  requiredPresent: BOOLEAN,
  cardMask: ['plain', 'dashed'],
  securityMask: ['x', 'stars'],
  cancelResult: ['transaction-cancelled', 'no-result', 'other'],
  updateEcho: BOOLEAN,
  captureWhileCapturing: ['replaces', 'refused'],
  callbackCallSid: ['parent', 'leg'],
  finalFields: ['captured', 'full'],
  completeAfterFailure: ['refused', 'allowed'],
  expirationInCallbacks: BOOLEAN,
  missingDocumentCode: [20404, 54100],
  sidShapedNames: ['allowed', 'refused'],
  extraParameters: [false, true],
  hangupCallback: BOOLEAN,
  hangupWhileCompleting: ['result', 'both', 'hung-up'],
  confirmationDeclined: ['transaction-cancelled', 'validation-error'],
  matcherInRequired: BOOLEAN,
  matcherBeforeComplete: BOOLEAN,
  matcherCapture: ['matcher', 'field'],
  earlierFieldsInCallbacks: BOOLEAN,
  partialCardType: [false, true],
  callbacksBeforeAnswer: [false, true],
  processorOutcome: ['by-card', 'approve', 'decline', 'unavailable', 'validation-error', 'internal-error'],
  processorMs: [20, 0],
  numericCodes: [false, true, 'luhn'],
  syncRateLimits: [false, true],
};
