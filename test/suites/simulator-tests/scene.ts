import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import twilio from 'twilio';
import type { RequestOptions } from 'twilio/lib/base/RequestClient';
import type Response from 'twilio/lib/http/response';
import type { PaymentListInstanceCreateOptions } from 'twilio/lib/rest/api/v2010/account/call/payment';
import { onTestFinished } from 'vitest';
import {
  type Caller,
  redirectPath,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../../simulator/index.ts';

createRequire(import.meta.url)(redirectPath);

/** One callback as a receiver got it. */
export interface Received {
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  /** What the `twilio` package says about the signature. */
  readonly genuine: boolean;
  readonly token: string;
}

/** What passed between the `twilio` package and the simulator. */
export interface Exchange {
  readonly request: RequestOptions<unknown>;
  readonly status: number;
  readonly body: unknown;
}

export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** Answers instead of the plain 200. */
  answerWith(answer: (request: IncomingMessage, response: ServerResponse) => void): void;
}

const FILLED = {
  'payment-card-number': '4111111111111111',
  'expiration-date': '1230',
  'security-code': '123',
  'postal-code': '94105#',
} as const;

class RecordingClient extends twilio.RequestClient {
  readonly exchanges: Exchange[] = [];

  override async request<TData>(options: RequestOptions<TData>): Promise<Response<TData>> {
    const response = await super.request(options);
    this.exchanges.push({ request: options, status: response.statusCode, body: response.body });
    return response;
  }
}

function client(simulator: Simulator, httpClient: RecordingClient) {
  const { accountSid, apiKey, apiSecret } = simulator.credentials;
  return twilio(apiKey, apiSecret, { accountSid, httpClient, region: '', edge: '' });
}

/** Serves on a free port until the test is over. */
export async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port');
  return `http://127.0.0.1:${address.port}`;
}

/** Something that status callbacks can be posted to. */
export async function openReceiver(authToken: string): Promise<Receiver> {
  const received: Received[] = [];
  let answer = (_request: IncomingMessage, response: ServerResponse): void => {
    response.end();
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const params = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
    const path = request.url ?? '';
    const url = `http://${request.headers.host}${path}`;
    const genuine = twilio.validateRequest(
      authToken,
      String(request.headers['x-twilio-signature']),
      url,
      params,
    );
    received.push({ path, params, genuine, token: String(request.headers['i-twilio-idempotency-token']) });
    answer(request, response);
  });
  const url = `${await listen(server)}/payment-status`;
  return {
    url,
    received,
    answerWith: (other) => {
      answer = other;
    },
  };
}

/** A simulator, the real `twilio` package in front of it, a call in progress, and a receiver of callbacks. */
export async function openScene(options: SimulatorOptions = {}) {
  const simulator = await startSimulator({ ...options, switches: { processorMs: 1, ...options.switches } });
  onTestFinished(() => simulator.close());
  process.env.TWILIO_SIMULATOR_URL = simulator.url;
  const receiver = await openReceiver(simulator.credentials.authToken);
  const httpClient = new RecordingClient();
  const api = client(simulator, httpClient);
  const callSid = simulator.placeCall().sid;
  const caller: Caller = simulator.caller(callSid);
  let keys = 0;
  const request = () => {
    keys += 1;
    return { idempotencyKey: `key-${keys}`, statusCallback: receiver.url };
  };
  const start = async (terms: Partial<PaymentListInstanceCreateOptions> = {}, call = callSid) =>
    (await api.calls(call).payments.create({ ...request(), ...terms })).sid;
  const update = (sid: string, change: object, call = callSid) =>
    api
      .calls(call)
      .payments(sid)
      .update({ ...request(), ...change });
  const capture = async (sid: string, field: keyof typeof FILLED, digits: string = FILLED[field]) => {
    await update(sid, { capture: field });
    return caller.types(digits);
  };
  return {
    simulator,
    receiver,
    api,
    exchanges: httpClient.exchanges,
    callSid,
    caller,
    start,
    update,
    capture,
    /** Captures what a card payment without postal code needs. */
    captureCard: async (sid: string, number: string = FILLED['payment-card-number']) => {
      await capture(sid, 'payment-card-number', number);
      await capture(sid, 'expiration-date');
      await capture(sid, 'security-code', /^3[47]/.test(number) ? '1234' : '123');
    },
    complete: async (sid: string) => {
      await update(sid, { status: 'complete' });
      await simulator.settled();
    },
    /** Parameters of the newest callback. */
    last: async () => {
      await simulator.settled();
      return receiver.received.at(-1)?.params ?? {};
    },
  };
}

/** The status and code that a request is refused with. */
export async function refusalOf(request: Promise<unknown>): Promise<unknown> {
  try {
    await request;
  } catch (error) {
    const { status, code } = Object(error);
    return { status, code };
  }
  return 'accepted';
}
