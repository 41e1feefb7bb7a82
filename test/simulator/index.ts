import { fileURLToPath } from 'node:url';
import { Account } from './account.ts';
import { CallbackParameters } from './callback-parameters.ts';
import { CallBook, type SimulatedCall } from './calls.ts';
import { Clock } from './clock.ts';
import { EVERYTHING } from './connectors.ts';
import { controlApi } from './control-api.ts';
import { CallbackDelivery } from './delivery.ts';
import { EventHub } from './events.ts';
import { FaultList } from './faults.ts';
import { serve } from './http-server.ts';
import { KeypadCaller } from './keypad.ts';
import { Kills } from './kills.ts';
import { viewOf } from './payment-session.ts';
import { PaymentsApi } from './payments-api.ts';
import { Pending } from './pending.ts';
import { Phones, phonePage } from './phone/phone.ts';
import { Random } from './random.ts';
import { ServerlessApi } from './serverless/serverless-api.ts';
import type { AgentLegOptions, Simulator, SimulatorOptions } from './simulator.ts';
import { DEFAULT_SWITCHES } from './switches.ts';
import { SyncApi } from './sync-api.ts';
import { DocumentStore, documentView } from './sync-documents.ts';
import { TwilioGate } from './twilio-gate.ts';
import { postOnce } from './webhook.ts';
import type { World } from './world.ts';

export type { Credentials } from './account.ts';
export type { AttemptStatus, RecordedCallback } from './callback-record.ts';
export type { CallDirection, CallOptions, CallStatus, SimulatedCall } from './calls.ts';
export type { Connector } from './connectors.ts';
export type { Delivery, ReleaseOrder } from './delivery.ts';
export type { SimulatorEvent } from './events.ts';
export type { Fault, FaultAction, Faults, RandomFaults } from './faults.ts';
export type { Caller, TypedResult } from './keypad.ts';
export type { SimulatedPayment } from './payment-session.ts';
export type { Charge } from './processor.ts';
export type { RecordedRequest } from './request-record.ts';
export { ROUTES, type Route } from './routes.ts';
export type { Build, Dependency, Version, Visibility } from './serverless/resources.ts';
export type { DeployedEnvironment, SimulatedServerless } from './serverless/serverless-api.ts';
export { voiceSignature } from './signature.ts';
export type { AgentLegOptions, Simulator, SimulatorOptions } from './simulator.ts';
export { DEFAULT_SWITCHES, SWITCH_VALUES, type Switches } from './switches.ts';
export type { SimulatedDocument } from './sync-documents.ts';
export { type Post, postOnce } from './webhook.ts';

/** The file to give to `node --require`, so that requests to Twilio go to the simulator that TWILIO_SIMULATOR_URL names. */
export const redirectPath = fileURLToPath(new URL('./redirect.cjs', import.meta.url));

/** Starts a simulated Twilio on the loopback address. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const seed = options.seed ?? 1;
  const random = new Random(seed);
  const clock = new Clock();
  const secrets = {
    accountSid: options.accountSid ?? random.sid('AC'),
    authToken: options.authToken ?? random.hex(32),
    apiKey: options.apiKey ?? random.sid('SK'),
    apiSecret: options.apiSecret ?? random.text(32),
  };
  const account = new Account(secrets, random);
  const { accountSid } = account;
  const switches = { ...DEFAULT_SWITCHES, ...options.switches };
  const events = new EventHub(() => clock.now());
  const pending = new Pending();
  const calls = new CallBook(accountSid, clock, random);
  const delivery = new CallbackDelivery(account, seed, events, pending, options.post ?? postOnce);
  const world: World = {
    accountSid,
    clock,
    random,
    switches,
    events,
    pending,
    calls,
    connectors: new Map([['Default', EVERYTHING]]),
    sessions: new Map(),
    parameters: new CallbackParameters(accountSid, switches, (callSid) => calls.find(callSid)?.parentCallSid),
    delivery,
    charges: [],
    answers: new Map(),
  };
  const phones = new Phones(world);
  const documents = new DocumentStore(clock);
  const faults = new FaultList();
  const kills = new Kills(events);
  const sync = new SyncApi({
    accountSid,
    clock,
    random,
    switches,
    documents,
    services: options.syncServices,
  });
  const payments = new PaymentsApi(world);
  const serverless = new ServerlessApi({ accountSid, clock, random });
  const gate = new TwilioGate({ world, account, payments, sync, serverless, faults, kills, seed });

  const placeCall: Simulator['placeCall'] = (callOptions = {}) => {
    const call = calls.place(callOptions);
    events.emit({ type: 'call', callSid: call.sid, status: call.status });
    return call;
  };
  const server = await serve(options.port ?? 0, {
    twilio: (request) => gate.handle(request),
    control: (request, response) => control(request, response),
  });
  const simulator: Simulator = {
    url: `http://127.0.0.1:${server.port}`,
    get credentials() {
      return account.credentials;
    },
    account,
    handle: (request) => gate.handle(request),
    placeCall,
    placeCallWithAgentLeg: (legOptions) => twoLegs(placeCall, legOptions),
    calls: () => calls.all(),
    caller: (callSid) => new KeypadCaller(world, callSid),
    switches,
    delivery,
    faults,
    connectors: world.connectors,
    requests: gate.requests,
    get unknownRequests() {
      return gate.requests.filter(({ route }) => route === 'unknown');
    },
    callbacks: delivery.records,
    charges: world.charges,
    serverless,
    documents: () => documents.all().map(documentView),
    payments: () => [...world.sessions.values()].map((session) => viewOf(session, switches)),
    settled: () => pending.idle(),
    everythingWritten: () =>
      [
        ...gate.requests.map(({ path, params }) => JSON.stringify({ path, params })),
        ...documents.versions,
        ...delivery.records.map(({ url, params }) => JSON.stringify({ url, params })),
      ].join('\n'),
    advance: (milliseconds) => clock.advance(milliseconds),
    kill: (invocation, afterRequests) => kills.kill(invocation, afterRequests),
    on: (listener) => events.on(listener),
    phones,
    pages: new Map([['/simulator/phone', phonePage()]]),
    close: async () => {
      delivery.close();
      await server.close();
    },
  };
  const control = controlApi(simulator);
  return simulator;
}

function twoLegs(
  placeCall: (options?: Parameters<Simulator['placeCall']>[0]) => SimulatedCall,
  { caller = 'parent' }: AgentLegOptions = {},
): { caller: SimulatedCall; agent: SimulatedCall } {
  const agentName = 'client:agent';
  if (caller === 'parent') {
    const parent = placeCall();
    const child = { from: parent.from, to: agentName, parentCallSid: parent.sid } as const;
    return { caller: parent, agent: placeCall({ ...child, direction: 'outbound-dial' }) };
  }
  const parent = placeCall({ from: agentName });
  const child = { from: parent.to, to: '+15005550123', parentCallSid: parent.sid } as const;
  return { agent: parent, caller: placeCall({ ...child, direction: 'outbound-dial' }) };
}
