import type { Account, Credentials } from './account.ts';
import type { RecordedCallback } from './callback-record.ts';
import type { CallOptions, SimulatedCall } from './calls.ts';
import type { Connector } from './connectors.ts';
import type { Delivery } from './delivery.ts';
import type { SimulatorEvent } from './events.ts';
import type { Faults } from './faults.ts';
import type { Caller } from './keypad.ts';
import type { SimulatedPayment } from './payment-session.ts';
import type { Phones } from './phone/phone.ts';
import type { Charge } from './processor.ts';
import type { RecordedRequest } from './request-record.ts';
import type { SimulatedServerless } from './serverless/serverless-api.ts';
import type { Switches } from './switches.ts';
import type { SimulatedDocument } from './sync-documents.ts';
import type { RawRequest, Reply } from './twilio-gate.ts';
import type { Post } from './webhook.ts';

export interface SimulatorOptions {
  /** 0, the default, is any free port. */
  readonly port?: number;
  readonly accountSid?: string;
  readonly authToken?: string;
  readonly apiKey?: string;
  readonly apiSecret?: string;
  /** Of everything random; SIDs too, so that two runs are alike. */
  readonly seed?: number;
  readonly switches?: Partial<Switches>;
  /** The Sync services there are, beside `default`; without it any well-formed SID is one. */
  readonly syncServices?: readonly string[];
  /** How a callback gets to its URL: over a connection, unless something else is given. */
  readonly post?: Post;
}

export interface AgentLegOptions {
  /** `parent`: the caller dialled in, and the agent's client is the child leg. `child`: the agent dialled out. */
  readonly caller?: 'parent' | 'child';
}

/** A simulated Twilio: Calls, Payments, Sync documents, status callbacks, and callers who type. */
export interface Simulator {
  readonly url: string;
  readonly credentials: Credentials;
  /** Its secrets can be rotated. */
  readonly account: Account;
  /** What a request to `url` comes to, without a connection. */
  handle(request: RawRequest): Promise<Reply>;
  placeCall(options?: CallOptions): SimulatedCall;
  /** A call between a caller on the telephone network and an agent's client: two legs. */
  placeCallWithAgentLeg(options?: AgentLegOptions): { caller: SimulatedCall; agent: SimulatedCall };
  calls(): readonly SimulatedCall[];
  caller(callSid: string): Caller;
  readonly switches: Switches;
  readonly delivery: Delivery;
  readonly faults: Faults;
  /** The installed payment connectors by name; `Default` takes everything. */
  readonly connectors: Map<string, Connector>;
  readonly requests: readonly RecordedRequest[];
  /** Requests for paths or hosts that the simulator does not know. */
  readonly unknownRequests: readonly RecordedRequest[];
  readonly callbacks: readonly RecordedCallback[];
  readonly charges: readonly Charge[];
  /** What was deployed, and how builds go. */
  readonly serverless: SimulatedServerless;
  documents(): SimulatedDocument[];
  payments(): SimulatedPayment[];
  /** Resolves when no callback is queued or under way and no payment is at the processor. Held callbacks do not count. */
  settled(): Promise<void>;
  /** All request parameters, every version of every document and all callbacks as one text. */
  everythingWritten(): string;
  /** Moves the simulator's time forward. */
  advance(milliseconds: number): void;
  /** Works off the first requests of a Function invocation, then swallows the last answer and all that follows. */
  kill(invocation: string, afterRequests: number): void;
  on(listener: (event: SimulatorEvent) => void): () => void;
  /** The callers' phones, as their page shows them. */
  readonly phones: Phones;
  /** Further pages below /simulator, by path. */
  readonly pages: Map<string, string>;
  close(): Promise<void>;
}
