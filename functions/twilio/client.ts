import twilio from 'twilio';
import { codeGuide } from '../payments/advice/twilio-codes.ts';
import { PaymentError } from '../payments/errors.ts';
import { sleep, type Time } from './time.ts';

type HttpClient = InstanceType<typeof twilio.RequestClient>;
type Send = (request: Parameters<HttpClient['request']>[0]) => ReturnType<HttpClient['request']>;

/** Answers to repeat where repeating is safe: too many requests, and errors on Twilio's side. */
const REPEATABLE = [429, 500, 502, 503, 504];
/** The longest pause between two attempts, in milliseconds, where Twilio does not say how long to wait. */
const MAX_BACKOFF_MS = 1_500;
const MAX_ATTEMPTS = 5;

export interface TwilioClientOptions {
  accountSid: string;
  username: string;
  password: string;
  /** Empty strings pin the client to US1; undefined would make the package read them from the environment. */
  edge: string;
  region: string;
  /** Milliseconds that one request may take. */
  requestMs: number;
  /** Whether every request of this client may be repeated: true for Sync, whose writes are conditional. */
  repeats: boolean;
  /** Milliseconds that the invocation may still take. */
  left(): number;
  time: Time;
}

/**
 * A `twilio` client, made when it is first asked for, whose requests end in time for the invocation to answer: Functions stop at 10 s, the
 * package's own limit is 30 s (https://www.twilio.com/docs/serverless/functions-assets/functions/request-flow).
 */
export function createTwilioClient(options: TwilioClientOptions): () => twilio.Twilio {
  let client: twilio.Twilio | undefined;
  return () => {
    client ??= connect(options);
    return client;
  };
}

function connect(options: TwilioClientOptions): twilio.Twilio {
  const { accountSid, username, password, edge, region } = options;
  const httpClient = { request: repeating(timed(options), options) } as unknown as HttpClient;
  return new twilio.Twilio(username, password, { accountSid, edge, region, httpClient });
}

/** Kept while the instance lives. */
const kept = new Map<boolean, HttpClient>();
const IDLE_MS = 5_000;

/**
 * Connections are kept as well: a new one takes 30 ms and 7 ms of CPU on a busy machine, without the network, a kept one
 * 0.4 ms. But only those to Sync, where requests may be repeated: Twilio may close a kept connection just as a request goes
 * out on it. The Voice API gets six requests of a payment; keeping its connection would spare 0.2 s of them all, and now and
 * then leave open whether a card was charged.
 */
function httpClientFor({ repeats }: TwilioClientOptions): HttpClient {
  const known = kept.get(repeats) ?? new twilio.RequestClient({ timeout: IDLE_MS, keepAlive: repeats });
  kept.set(repeats, known);
  return known;
}

/** Sends one request and gives it up when its time or the invocation's is over; a slow trickle of bytes is no answer. */
function timed(options: TwilioClientOptions): Send {
  const { requestMs, left, time } = options;
  const base = httpClientFor(options);
  return async (request) => {
    const limit = Math.min(requestMs, left());
    if (limit <= 0) throw new OutOfTime();
    let stop: (() => void) | undefined;
    const timeUp = new Promise<never>((_, reject) => {
      stop = time.after(limit, () => reject(new OutOfTime()));
    });
    const answering = base.request({ ...request, timeout: limit });
    try {
      return await Promise.race([answering, timeUp]);
    } finally {
      stop?.();
      answering.catch(() => undefined);
    }
  };
}

/** Repeats what failed, where that is safe and there is time, after what Retry-After says or a jittered back-off. */
function repeating(send: Send, { repeats, left, time }: TwilioClientOptions): Send {
  if (!repeats) return send;
  return async (request) => {
    for (let attempt = 1; ; attempt++) {
      const [tried] = await Promise.allSettled([send(request)]);
      if (tried.status === 'fulfilled' && !REPEATABLE.includes(tried.value.statusCode)) return tried.value;
      const { headers } = (tried.status === 'fulfilled' ? tried.value : {}) as {
        headers?: Record<string, unknown>;
      };
      const seconds = Number(headers?.['retry-after']);
      const pause =
        seconds > 0 ? seconds * 1000 : time.random() * Math.min(100 * 2 ** attempt, MAX_BACKOFF_MS);
      if (attempt === MAX_ATTEMPTS || left() <= pause) {
        if (tried.status === 'fulfilled') return tried.value;
        throw tried.reason;
      }
      await sleep(time, pause);
    }
  };
}

class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
}

/** HTTP status and Twilio's code of a failed request, 0 where Twilio did not answer. */
export function answerOf(error: unknown): { status: number; code: number } {
  const { status, code } = membersOf(error);
  return {
    status: typeof status === 'number' ? status : 0,
    code: typeof code === 'number' ? code : 0,
  };
}

/**
 * The cause that may be kept of a failed request. The package rejects with an AxiosError whose `config` holds
 * the Authorization header, so only its name and code are carried on.
 */
export function safeCause(error: unknown): Error {
  const { name, code } = membersOf(error);
  return new Error(
    `${typeof name === 'string' ? name : 'Error'} ${typeof code === 'string' ? code : ''}`.trim(),
  );
}

function membersOf(error: unknown): { name?: unknown; status?: unknown; code?: unknown } {
  return typeof error === 'object' && error !== null ? error : {};
}

/** What to do where a step of a live payment will never work, and where there is no payment at all. */
const IN_VAIN = { nextStep: 'cancelPaymentCapture', say: 'hand-over' } as const;
const NO_PAYMENT = { nextStep: 'done', say: 'hand-over' } as const;

/**
 * A failed request to the Voice API as the error that an agent is told.
 * @param command a start that fails leaves no payment whose status could tell more; a step of a live payment that
 * will never work leaves one that is to be ended.
 */
export function toPaymentError(error: unknown, command?: 'start' | 'step'): PaymentError {
  if (error instanceof PaymentError) return error;
  const twilioAnswer = answerOf(error);
  const { status, code } = twilioAnswer;
  const options = { twilio: twilioAnswer, cause: safeCause(error) };
  if (code === 21220) return new PaymentError('CALL_NOT_IN_PROGRESS', options);
  if (status === 401 || status === 403)
    return new PaymentError('TWILIO_UNAUTHORIZED', { ...options, ...(command === 'step' && IN_VAIN) });
  const isStart = command === 'start';
  if (status === 404) return new PaymentError('TWILIO_NOT_FOUND', { ...options, ...(isStart && NO_PAYMENT) });
  if (status === 429) return new PaymentError('TWILIO_RATE_LIMITED', options);
  const guide = codeGuide(code);
  if (status >= 400 && status < 500 && status !== 408) {
    const isVain = command === 'step' && (guide?.nextStep === 'done' || guide?.nextStep === 'askCaller');
    return new PaymentError('TWILIO_REFUSED', {
      ...options,
      ...(guide && { detail: guide.why, nextStep: guide.nextStep, ...(guide.say && { say: guide.say }) }),
      // A start with other terms would work, which the caller is asked for.
      ...(guide?.nextStep === 'askCaller' && !isVain && { thenCall: 'startPaymentCapture', ifNo: 'done' }),
      ...(isVain && IN_VAIN),
      ...(isStart && (!guide || guide.nextStep === 'getPaymentStatus') && NO_PAYMENT),
    });
  }
  return new PaymentError('TWILIO_UNAVAILABLE', options);
}
