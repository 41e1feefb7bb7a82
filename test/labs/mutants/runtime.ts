// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are code, as it stands in the product
import type { Faulty } from './faulty.ts';

/** Faults of who gets in, of settings, HTTP and logs. */
export const RUNTIME: readonly Faulty[] = [
  {
    file: 'functions/runtime/auth.ts',
    suites: ['runtime/auth', 'security/credentials', 'security/oauth'],
    faults: [
      [
        'nobody is told that no credential is set',
        'if (tokens.entries.length === 0 && !issuer) {',
        'if (false as boolean) {',
      ],
      [
        'an expired token lets in',
        "if (own === 'expired') return invalid('The token has expired.');",
        "if (own === 'expired') return { principal: { client: 'x', scopes: SCOPES } };",
      ],
      ['two credentials in a header count as one', '/^Bearer +([^\\s,]+) *$/i', '/^Bearer +([^\\s,]+)/i'],
      [
        'a new token loses the scopes of the old one',
        'scope === missing || held.includes(scope)',
        'scope === missing',
      ],
      ['clients are sent to an issuer that is not there', '...(OAUTH_ISSUER && {', '...(publicUrl && {'],
    ],
  },
  {
    file: 'functions/runtime/bearer-tokens.ts',
    suites: ['runtime/auth', 'security/credentials'],
    faults: [
      [
        'tokens never expire',
        'const valid = fitting.find(({ expires }) => now < expires);',
        'const [valid] = fitting;',
      ],
      [
        'an entry with an impossible expiry is taken for a token',
        'if (Number.isNaN(expires)) return undefined;',
        '',
      ],
      ['31 February is 3 March', 'new Date(start).toISOString().startsWith(date)', 'start > 0'],
      [
        'a token ends with the beginning of its last day',
        'return exists ? start + 24 * 60 * 60 * 1000',
        'return exists ? start',
      ],
      ['every token has every scope', 'LETTERS[letter] === scope', "letter !== ''"],
    ],
  },
  {
    file: 'functions/runtime/issuer.ts',
    suites: ['security/oauth'],
    faults: [
      ['any metadata is the issuer’s', 'given.issuer !== issuer || ', ''],
      ['the issuer’s metadata may be elsewhere', "redirect: 'error'", "redirect: 'follow'"],
      [
        'an issuer that is down is asked each time',
        'return Date.now() < (pausedUntil.get(issuer) ?? 0);',
        'return !issuer;',
      ],
    ],
  },
  {
    file: 'functions/runtime/oauth.ts',
    suites: ['security/oauth'],
    faults: [
      ['tokens for other services count', '      audience,\n      algorithms: ALGORITHMS,', ''],
      ['a token without an expiry counts', "requiredClaims: ['exp'],", ''],
      [
        'every access token has every scope',
        'return SCOPES.filter((name) => granted.includes(name));',
        'return granted.length < 0 ? [] : [...SCOPES];',
      ],
      ['keys are kept for ever', 'known && Date.now() < known.until', 'known'],
      ['the log takes any name for a client', 'PLAIN.test(claim)', "claim !== ''"],
      ['the program stands in for the person', 'if (person) return', 'if (person && !program) return'],
      ['a token of another issuer has it asked', 'issuerOf(jose, token) !== issuer', "token === ''"],
    ],
  },
  {
    file: 'functions/runtime/origin.ts',
    suites: ['security/origin', 'stories/odd-clients'],
    faults: [
      ['any host is ours', 'if (!own) return false;', ''],
      [
        'pages of this machine may use a deployed service',
        'return isLocal && LOOPBACK.includes(hostnameOf(origin));',
        'return LOOPBACK.includes(hostnameOf(origin));',
      ],
      [
        'localhost.evil.example is local',
        'return isLocal && LOOPBACK.includes(hostnameOf(origin));',
        "return isLocal && hostnameOf(origin).startsWith('localhost');",
      ],
      [
        'every page may read',
        'origin === undefined || !isAllowedOrigin(headers, addresses)',
        'origin === undefined',
      ],
    ],
  },
  {
    file: 'functions/runtime/parsers.ts',
    suites: ['runtime/config'],
    faults: [
      ['localhost.evil.example may do without TLS', '(?:[:/]|$))/', ')/'],
      ['whole numbers have no upper bound', 'least <= number && number <= most', 'least <= number'],
      ['a currency twice counts once', '|| code in read ||', '||'],
      ['any notation is a number', '? Number(given) : undefined', '|| given ? Number(given) : undefined'],
    ],
  },
  {
    file: 'functions/runtime/config.ts',
    suites: ['runtime/config'],
    faults: [
      [
        'half a pair will do',
        'if (Boolean(config[one]) !== Boolean(config[other]))',
        'if (false as boolean)',
      ],
      ['everybody reads the password in PUBLIC_URL', ".replace(/^(https?:\\/\\/)[^/]*@/i, '$1')", ''],
      [
        'requests may go without a password',
        "if (!config.API_KEY && !config.AUTH_TOKEN) wrong.push('AUTH_TOKEN');",
        '',
      ],
      ['no list of currencies means none', 'allowed.length > 0 ? allowed : [config.CURRENCY]', 'allowed'],
    ],
  },
  {
    file: 'functions/runtime/http.ts',
    suites: ['runtime/http'],
    faults: [
      ['headers may have any length', ' && text.length <= MAX_HEADER', ''],
      [
        'a handler throws',
        "response = refusal(500, 'INTERNAL_ERROR', 'The server failed. The next request may work.');",
        'throw error;',
      ],
      [
        'JSON has no type',
        "if (typeof body === 'object') response.appendHeader('Content-Type', 'application/json');",
        '',
      ],
      [
        'the platform’s member counts as the body’s',
        'const { request: _, ...body } = event;',
        'const body = event;',
      ],
    ],
  },
  {
    file: 'functions/runtime/log.ts',
    suites: ['runtime/log'],
    faults: [
      [
        'the log holds messages that look like a stack',
        'stack.slice(stack.indexOf(`${message}\\n`) + message.length)',
        'stack.slice(message ? 0 : 1)',
      ],
      ['the log holds the folders of the machine', ".replace(/\\(?[^\\s(]*[/\\\\]/, '')", ''],
      ['the log holds whole stacks', 'frames.slice(0, 3)', 'frames'],
      [
        'who listens hears the error too',
        'also?.(event, line);',
        'also?.(event, { ...line, ...cause } as never);',
      ],
    ],
  },
];
