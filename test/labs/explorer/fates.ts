import { placeOf, type Underway } from './twilio-side.ts';

/** What becomes of a request that goes wrong: whether Twilio does it all the same, and what the service hears. */
export interface Fate {
  name: string;
  isDone: boolean;
  /** `dies`: the platform ends the invocation at this moment; `late`: Twilio's own answer, but late. */
  reply: 'lost' | 'silence' | 'late' | 'dies' | { statusCode: number; body: unknown };
  /** Milliseconds until a reply that is given here. */
  afterMs?: number;
}

const broken = (name: string, reply: Fate['reply'], ...whether: boolean[]): Fate[] =>
  whether.map((isDone) => ({
    name: `${name}, and Twilio ${isDone ? 'does it' : 'does not do it'}`,
    isDone,
    reply,
  }));

const answered = (status: number, code: number, ...whether: boolean[]): Fate[] =>
  broken(
    `is answered ${status}${code ? ` ${code}` : ''}`,
    { statusCode: status, body: { code, message: 'no', status } },
    ...whether,
  );

const RUBBISH = '<html>';

/** A definite refusal is never a lie: 401, 404, 429 and known codes mean that nothing was done. */
const REFUSED = [
  ...answered(401, 20003, false),
  ...answered(404, 20404, false),
  ...answered(429, 20429, false),
];

const LOST = [
  ...broken('loses its connection', 'lost', true, false),
  ...broken('is not answered', 'silence', true, false),
  ...broken('finds its invocation dead', 'dies', true, false),
];
const LATE: Fate = { name: 'is answered late', isDone: true, reply: 'late' };

/** Just before the service gives the request up. */
const REFUSED_LATE: Fate[] = answered(429, 20_429, false).map((fate) => ({
  ...fate,
  name: 'is answered 429 late',
  afterMs: 4_900,
}));

const WRITE: Fate[] = [
  ...LOST,
  LATE,
  ...REFUSED,
  ...answered(503, 0, true, false),
  ...answered(500, 20500, true),
  ...broken('is answered with rubbish', { statusCode: 200, body: RUBBISH }, true),
  ...broken('is answered with 502 and rubbish', { statusCode: 502, body: RUBBISH }, true),
];

/** By kind of request: a read is the same whether it was done or not. */
const FATES = {
  read: [...WRITE.filter(({ isDone }) => !isDone), LATE],
  write: [...WRITE, ...answered(412, 54103, false)],
  voice: [
    ...WRITE,
    ...answered(408, 0, true, false),
    ...answered(400, 99_999, true, false),
    ...answered(400, 64_002, true),
    ...answered(400, 64_021, false),
    ...answered(400, 64_020, false),
    ...answered(409, 0, true),
    ...answered(412, 0, true),
    ...REFUSED_LATE,
  ],
} satisfies Record<string, Fate[]>;

/** It is sent twice on its way: carried out the first time, and answered the second time. */
const DOUBLED = answered(400, 64_021, true);

/** Those that differ in what they lead to, for small worlds that are played through. */
const PLAIN: typeof FATES = {
  read: [...broken('finds its invocation dead', 'dies', false)],
  write: [
    ...broken('loses its connection', 'lost', true),
    ...broken('finds its invocation dead', 'dies', true, false),
  ],
  voice: [
    ...broken('is not answered', 'silence', true, false),
    ...broken('finds its invocation dead', 'dies', true, false),
    LATE,
    ...answered(408, 0, true),
    ...answered(400, 64_021, false),
    ...answered(429, 20_429, false),
  ],
};

/** What may become of a request if it goes wrong. */
export function fatesOf({ method, url, form }: Underway, isPlain: boolean): readonly Fate[] {
  const { service } = placeOf(url);
  const fates = isPlain ? PLAIN : FATES;
  if (method === 'GET') return fates.read;
  if (service) return fates.write;
  return form.Status ? [...fates.voice, ...DOUBLED] : fates.voice;
}

/** A request in words. */
export function describe({ method, url, form }: Underway): string {
  const { service, document, payments, paymentSid } = placeOf(url);
  if (service) {
    const [kind = ''] = String(form.UniqueName ?? document).split('-');
    const what = method === 'GET' ? 'read' : form.UniqueName ? 'creation' : 'write';
    return `the ${what} of the ${kind === 'call' ? "call's ledger" : "payment's document"}`;
  }
  if (payments && !paymentSid) return `the create request (${form.ChargeAmount ?? 'a token'})`;
  if (payments)
    return form.Status ? `the request to ${form.Status}` : `the request to capture ${form.Capture}`;
  return 'the look-up of the call';
}
