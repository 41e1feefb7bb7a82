import { table } from './table.ts';

/** What an account may do on Twilio unless it asks for more. */
const INVOCATIONS_AT_ONCE = 30;
const WRITES_A_SECOND = 20;
const CREATIONS_A_SECOND = 20;

/** What is assumed of a payment between people: how long it takes, and how often the agent reads the status. */
const PAYMENT_SECONDS = 90;
const POLL_SECONDS = 2;
/** How much of a limit may be used on average, so that peaks fit. */
const LOAD = 0.7;

/** The ledger of the call, and the payment itself. */
const DOCUMENTS_A_START = 2;

export interface Cost {
  /** Milliseconds that one request to Twilio was made to take, beside the loopback. */
  requestMs: number;
  /** Mean duration of an invocation, by tool or `callback`. */
  milliseconds: ReadonlyMap<string, number>;
  /** Callbacks of one payment. */
  callbacks: number;
}

const COMMANDS = [
  'startPaymentCapture',
  'captureCardNumber',
  'captureSecurityCode',
  'captureExpirationDate',
  'completePaymentCapture',
];

/** Milliseconds of invocations that one payment needs, from its start to its result. */
function busyMs({ milliseconds, callbacks }: Cost): number {
  const of = (what: string) => milliseconds.get(what) ?? 0;
  const commands = COMMANDS.reduce((sum, tool) => sum + of(tool), 0);
  return commands + callbacks * of('callback') + (PAYMENT_SECONDS / POLL_SECONDS) * of('getPaymentStatus');
}

/** Commands, callbacks and readings of the status. */
function invocations({ callbacks }: Cost): number {
  return COMMANDS.length + callbacks + PAYMENT_SECONDS / POLL_SECONDS;
}

/** What an account can carry, from what was measured and from Twilio's limits; with its assumptions. */
export function capacityReport(costs: readonly Cost[]): string {
  const [first] = costs;
  if (!first) return '';
  const heads = ['', ...costs.map(({ requestMs }) => (requestMs ? `${requestMs} ms a request` : 'loopback'))];
  const row = (label: string, value: (cost: Cost) => number, digits = 0) => [
    label,
    ...costs.map((cost) => value(cost).toFixed(digits)),
  ];
  const atOnce = (cost: Cost) => (INVOCATIONS_AT_ONCE * LOAD * PAYMENT_SECONDS * 1000) / busyMs(cost);
  const callbackMs = ({ milliseconds }: Cost) => milliseconds.get('callback') ?? 0;
  const needed = (payments: number) => (cost: Cost) =>
    Math.ceil((payments * busyMs(cost)) / (LOAD * PAYMENT_SECONDS * 1000));
  const capacity = table(heads, [
    row('one callback, ms', callbackMs),
    row('one getPaymentStatus, ms', ({ milliseconds }) => milliseconds.get('getPaymentStatus') ?? 0),
    row('invocations of a payment', invocations),
    row('invocations of a payment, ms together', busyMs),
    row('**payments in progress at once**', (cost) => Math.floor(atOnce(cost))),
    row('payments finished a minute', (cost) => Math.floor((atOnce(cost) * 60) / PAYMENT_SECONDS)),
    row('callbacks a second at that', (cost) => (atOnce(cost) * cost.callbacks) / PAYMENT_SECONDS),
    row(
      'callbacks a second, nothing else running',
      (cost) => (INVOCATIONS_AT_ONCE * LOAD * 1000) / callbackMs(cost),
    ),
    ...[50, 200, 1_000].map((payments) =>
      row(`invocations at once to ask for, ${payments} payments`, needed(payments)),
    ),
  ]);
  return `${capacity}

Assumed: a payment takes ${PAYMENT_SECONDS} s, its agent reads the status every ${POLL_SECONDS} s, ${first.callbacks} callbacks (a card number of 16 digits, a
code of 3, a date of 4), and at most ${LOAD * 100} % of Twilio's ${INVOCATIONS_AT_ONCE} invocations at once per account are used on average. The
durations are those of an instance that is loaded already, without conflicts; a cold start comes on top.
Other limits: Sync takes about ${WRITES_A_SECOND} reads and ${WRITES_A_SECOND} writes a second for one document, so one caller may press ${WRITES_A_SECOND} keys a
second; it makes about ${CREATIONS_A_SECOND} documents a second, ${DOCUMENTS_A_START} for each start, so ${Math.floor(CREATIONS_A_SECOND / DOCUMENTS_A_START)} payments a second may start.
To ask Twilio for: more Functions invocations at once. HTTP 429 from the Functions is the sign; callbacks that get it come
again, for their URL asks for that.`;
}
