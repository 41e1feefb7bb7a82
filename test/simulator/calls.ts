import { type ApiAnswer, type ApiRequest, notFound } from './api.ts';
import { type Clock, rfc2822 } from './clock.ts';
import type { Random } from './random.ts';

/** Call statuses of the 2010-04-01 API. */
export const CALL_STATUSES = [
  'queued',
  'ringing',
  'in-progress',
  'completed',
  'busy',
  'failed',
  'no-answer',
  'canceled',
] as const;
export type CallStatus = (typeof CALL_STATUSES)[number];

export type CallDirection = 'inbound' | 'outbound-api' | 'outbound-dial';

/** One leg of a call. A test may set `status`; hanging up goes through the caller, so that sessions notice. */
export interface SimulatedCall {
  readonly sid: string;
  status: CallStatus;
  readonly parentCallSid: string | undefined;
  readonly from: string;
  readonly to: string;
  readonly direction: CallDirection;
  readonly startedAt: number;
  endedAt: number | undefined;
}

export interface CallOptions {
  readonly status?: CallStatus;
  readonly from?: string;
  readonly to?: string;
  readonly direction?: CallDirection;
  readonly parentCallSid?: string;
  readonly sid?: string;
}

const CALLER_NUMBER = '+15005550123';
const ACCOUNT_NUMBER = '+15005550006';
const DEFAULT_PAGE = 50;
const LARGEST_PAGE = 1_000;

/** The calls of the account, and the part of the Calls API that reads them. */
export class CallBook {
  readonly #calls = new Map<string, SimulatedCall>();
  readonly #accountSid: string;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(accountSid: string, clock: Clock, random: Random) {
    this.#accountSid = accountSid;
    this.#clock = clock;
    this.#random = random;
  }

  place(options: CallOptions): SimulatedCall {
    const call: SimulatedCall = {
      sid: options.sid ?? this.#random.sid('CA'),
      status: options.status ?? 'in-progress',
      parentCallSid: options.parentCallSid,
      from: options.from ?? CALLER_NUMBER,
      to: options.to ?? ACCOUNT_NUMBER,
      direction: options.direction ?? 'inbound',
      startedAt: this.#clock.now(),
      endedAt: undefined,
    };
    this.#calls.set(call.sid, call);
    return call;
  }

  find(sid: string): SimulatedCall | undefined {
    return this.#calls.get(sid);
  }

  all(): SimulatedCall[] {
    return [...this.#calls.values()];
  }

  /** The call's own leg, its parent and its children: when one hangs up here, all end. */
  connectedTo(call: SimulatedCall): SimulatedCall[] {
    const root = call.parentCallSid ?? call.sid;
    return this.all().filter(({ sid, parentCallSid }) => sid === root || parentCallSid === root);
  }

  /** `GET /Calls/{Sid}.json`. */
  fetch(sid: string, path: string): ApiAnswer {
    const call = this.#calls.get(sid);
    if (!call) throw notFound(path);
    return { status: 200, body: this.#json(call) };
  }

  /** `GET /Calls.json` with the filters ParentCallSid, Status, From and To; newest first. */
  list(request: ApiRequest): ApiAnswer {
    const filter = (name: string, value: string | undefined): boolean =>
      !request.query.get(name) || request.query.get(name) === value;
    const found = this.all()
      .filter(
        (call) =>
          filter('ParentCallSid', call.parentCallSid) &&
          filter('Status', call.status) &&
          filter('From', call.from) &&
          filter('To', call.to),
      )
      .reverse();
    const size = Math.min(
      Math.max(Number(request.query.get('PageSize') ?? DEFAULT_PAGE) || DEFAULT_PAGE, 1),
      LARGEST_PAGE,
    );
    const page = Math.max(Number(request.query.get('Page') ?? 0) || 0, 0);
    const rows = found.slice(page * size, (page + 1) * size);
    const uri = (number: number): string => {
      const query = new URLSearchParams(request.query);
      query.set('PageSize', String(size));
      query.set('Page', String(number));
      return `${request.path}?${query}`;
    };
    return {
      status: 200,
      body: {
        calls: rows.map((call) => this.#json(call)),
        first_page_uri: uri(0),
        next_page_uri: found.length > (page + 1) * size ? uri(page + 1) : null,
        previous_page_uri: page > 0 ? uri(page - 1) : null,
        page,
        page_size: size,
        start: page * size,
        end: Math.max(page * size + rows.length - 1, 0),
        uri: uri(page),
      },
    };
  }

  /** All properties of the Call resource in the OpenAPI file. */
  #json(call: SimulatedCall): Record<string, unknown> {
    const uri = `/2010-04-01/Accounts/${this.#accountSid}/Calls/${call.sid}`;
    const subresource = (name: string): string => `${uri}/${name}.json`;
    const over = call.endedAt !== undefined;
    return {
      sid: call.sid,
      date_created: rfc2822(call.startedAt),
      date_updated: rfc2822(call.endedAt ?? call.startedAt),
      parent_call_sid: call.parentCallSid ?? null,
      account_sid: this.#accountSid,
      to: call.to,
      to_formatted: call.to,
      from: call.from,
      from_formatted: call.from,
      phone_number_sid: null,
      status: call.status,
      start_time: rfc2822(call.startedAt),
      end_time: call.endedAt === undefined ? null : rfc2822(call.endedAt),
      duration:
        call.endedAt === undefined ? null : String(Math.round((call.endedAt - call.startedAt) / 1_000)),
      price: over ? '-0.0085' : null,
      price_unit: 'USD',
      direction: call.direction,
      answered_by: null,
      api_version: '2010-04-01',
      forwarded_from: null,
      group_sid: null,
      caller_name: null,
      queue_time: '0',
      trunk_sid: null,
      uri: `${uri}.json`,
      subresource_uris: {
        notifications: subresource('Notifications'),
        recordings: subresource('Recordings'),
        payments: subresource('Payments'),
        events: subresource('Events'),
        siprec: subresource('Siprec'),
        streams: subresource('Streams'),
        transcriptions: subresource('Transcriptions'),
        user_defined_message_subscriptions: subresource('UserDefinedMessageSubscriptions'),
        user_defined_messages: subresource('UserDefinedMessages'),
      },
    };
  }
}
