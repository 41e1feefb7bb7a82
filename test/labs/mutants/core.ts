// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are code, as it stands in the product
import type { Faulty } from './faulty.ts';

/** Faults of the adapters, the core, the desk and the build. The state engine has more in `labs/explorer/mutants`. */
export const CORE: readonly Faulty[] = [
  {
    file: 'functions/payment-status.protected.ts',
    suites: ['stories/callback-security', 'stories/log-lines', 'endpoints/built-handlers'],
    faults: [
      [
        'a callback of another account counts',
        'if (accountSid !== config.ACCOUNT_SID) {',
        'if (false as boolean) {',
      ],
      ['the signature is not looked at', 'if (!isSignedByTwilio(keys, signed)) {', 'if (false as boolean) {'],
      [
        'nobody is told that a value was not masked',
        "if (dropped.length > 0) log('unmasked_value_dropped', { parameters: dropped });",
        '',
      ],
      [
        'a callback may have any length',
        "if (Number(headersOf(event)['content-length'] ?? 0) > MAX_BYTES) {",
        'if (false as boolean) {',
      ],
    ],
  },
  {
    file: 'functions/twilio/callback-form.ts',
    suites: ['twilio/status-callback', 'stories/callback-security'],
    faults: [
      ['codes may have any length', 'if (value.length > most) return false;', ''],
      ['a payment token is as short as a code', '{ PaymentToken: MAX_TOKEN, PaymentError', '{ PaymentError'],
      [
        'a field in clear may be a card number',
        ' && !anyHoldsCardNumber(value);\n    const most',
        ';\n    const most',
      ],
      ['a code may be a card number', ' && (opaqueCodes || !holdsCardNumber(value))', ''],
      [
        'control characters stay',
        ".transform((value) => value.replace(/\\p{Cc}/gu, ''))",
        '.transform((value) => value)',
      ],
    ],
  },
  {
    file: 'functions/twilio/status-callback.ts',
    suites: ['twilio/status-callback', 'stories/callbacks', 'payments/session.property'],
    faults: [
      ['a result may be misspelled', 'MISSPELLED.get(form.Result) ?? form.Result', 'form.Result'],
      [
        'a callback may have any number of parameters',
        'if (Object.keys(form).length > MAX_PARAMETERS) return undefined;',
        '',
      ],
      [
        'what the processor says is kept whole',
        'form.ConnectorError.slice(0, MAX_TEXT)',
        'form.ConnectorError',
      ],
      [
        'digits of a replaced capture count',
        "tag.field !== captured && state !== 'captured' && state !== 'error'",
        "tag.field !== captured && state === 'asked'",
      ],
    ],
  },
  {
    file: 'functions/twilio/signature.ts',
    suites: ['twilio/signature'],
    faults: [
      [
        'no key is a key',
        "if (!key || typeof signature !== 'string' || !signature) return false;",
        "if (key === undefined || typeof signature !== 'string') return false;",
      ],
      ['a shared key signs as an Auth Token does', "isShared ? 'HMAC_SHA256' : 'HMAC_SHA1'", "'HMAC_SHA1'"],
    ],
  },
  {
    file: 'functions/twilio/status-callback-url.ts',
    suites: ['twilio/status-callback-url', 'stories/callback-security'],
    faults: [
      ['a command may have any digits', 'command: /^(?:0|[1-9]\\d{0,5})$/,', 'command: /^\\d+$/,'],
      ['Twilio tries once', "const RETRIES = '#rc=5&rp=all';", "const RETRIES = '';"],
    ],
  },
  {
    file: 'functions/twilio/pay-gateway.ts',
    suites: ['stories/start-parameters', 'stories/starting', 'stories/start-refusals', 'stories/requests'],
    faults: [
      ['a token is a charge of 0', '...(chargeAmount > 0 && { chargeAmount }),', 'chargeAmount,'],
      ['any SIP leg is the caller’s', 'allowSip ? /^client:/i : /^(?:client|sips?):/i', '/^client:/i'],
      [
        'who called is the caller, also of an outgoing call',
        "call.direction === 'inbound' ? call.from : call.to",
        'call.from',
      ],
    ],
  },
  {
    file: 'functions/payments/session/terms.ts',
    suites: ['payments/terms', 'security/charge-cap', 'stories/start-refusals', 'stories/start-parameters'],
    faults: [
      [
        'any amount may be charged',
        'chargeAmount > maxChargeAmount || chargeAmount >= CHARGE_LIMIT',
        'chargeAmount >= CHARGE_LIMIT',
      ],
      ['any currency may be charged', 'if (!allowedCurrencies.includes(currency))', "if (currency === '')"],
      [
        'an amount may have any decimals',
        'if (Number(chargeAmount.toFixed(decimals)) !== chargeAmount)',
        'if (false as boolean)',
      ],
      ['a charge may ask for a token', 'if (chargeAmount > 0 && asked.tokenType)', 'if (false as boolean)'],
      [
        'parameters for the connector may have any length',
        'if (JSON.stringify(parameter).length > MAX_PARAMETERS)',
        'if (false as boolean)',
      ],
    ],
  },
  {
    file: 'functions/payments/advice/outside-text.ts',
    suites: ['payments/outside-text', 'security/outside-text'],
    faults: [
      [
        'a card number in Twilio’s words reaches the agent',
        "if (!plain || anyHoldsCardNumber(text) || anyHoldsCardNumber(plain)) return '';",
        '',
      ],
      ['a quotation may be ended from within', '.replace(/["\\\\<>`]/g, "\'")', ''],
      ['a quotation has any length', 'characters.length > MAX_LENGTH ?', 'characters.length < 0 ?'],
    ],
  },
  {
    file: 'functions/payments/advice/next-step.ts',
    suites: ['payments/advice', 'payments/status', 'stories/captures'],
    faults: [
      [
        'the caller may fail for ever',
        'if (byCaller < maxAttempts && failures.length - byCaller < MAX_REFUSALS) return undefined;',
        'if (byCaller >= 0) return undefined;',
      ],
      [
        'a completion is asked for however often it is refused',
        'if (session.completing.refused >= MAX_REFUSALS)',
        'if (session.completing.refused < 0)',
      ],
      [
        'silence is not noticed',
        'if (isSilent(stored, view.now)) {',
        'if (isSilent(stored, view.now) && view.now < 0) {',
      ],
    ],
  },
  {
    file: 'functions/desk/parse.ts',
    suites: ['desk/parse'],
    faults: [
      ['a member may have any type', 'fits ? is : value', 'is'],
      [
        'a payment without details is one',
        "if (!payment.callSid || !payment.paymentSid || !isRecord(status.desk)) throw new SourceError('offline');",
        '',
      ],
      [
        'fields that the desk does not know are shown',
        '\n      .filter(({ name }) => Object.hasOwn(CAPTURE_TOOLS, fieldOf(name)))',
        '',
      ],
    ],
  },
  {
    file: 'functions/desk.ts',
    suites: ['desk/page', 'endpoints/built-handlers', 'surface/deploy'],
    faults: [
      ['any page may frame the desk', `parents.length > 0 ? parents.join(' ') : "'none'"`, "'*'"],
      ['a setting may end its attribute', 'escaped(JSON.stringify(settings))', 'JSON.stringify(settings)'],
    ],
  },
  {
    file: 'build.mjs',
    suites: ['surface/deploy', 'endpoints/built-handlers'],
    isBuilt: true,
    faults: [
      [
        'the SDK’s schemas are made at once',
        'return `${declaration}/* @__PURE__ */ lazySchema(() => ${value});\\n`;',
        'return `${declaration}${value};\\n`;',
      ],
      [
        'the packages have moved what the build changes',
        "leaveOut('leave out ajv', /\\/ajv-provider\\.js$/);",
        "leaveOut('leave out ajv', /\\/moved\\.js$/);",
      ],
      ['what is built is not made small', 'minify: true,', 'minify: false,'],
    ],
  },
];
