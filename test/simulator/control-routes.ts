import { CALL_STATUSES, type CallDirection, type CallOptions } from './calls.ts';
import type { ControlRequest, ControlRoute } from './control-api.ts';
import {
  actionOf,
  ControlError,
  changeDelivery,
  changeSwitches,
  deliverySettings,
  type Json,
  numberOf,
  present,
  routeOf,
} from './control-settings.ts';
import type { ReleaseOrder } from './delivery.ts';
import type { Fault } from './faults.ts';
import type { Caller } from './keypad.ts';
import type { Simulator } from './simulator.ts';

const DIRECTIONS: readonly CallDirection[] = ['inbound', 'outbound-api', 'outbound-dial'];

/** Every control path with what it does. */
export function controlRoutes(simulator: Simulator): ControlRoute[] {
  return [...callRoutes(simulator), ...recordRoutes(simulator), ...settingRoutes(simulator)];
}

function callRoutes(simulator: Simulator): ControlRoute[] {
  const callerOf = ({ sid }: ControlRequest): Caller => {
    if (!simulator.calls().some((call) => call.sid === sid)) throw new ControlError('No such call');
    return simulator.caller(sid);
  };
  const call = '/simulator/calls/{sid}';
  return [
    route('GET', '/simulator/calls', 'lists the calls', () => simulator.calls()),
    route(
      'POST',
      '/simulator/calls',
      'places a call; takes status, from, to, direction, parentCallSid, sid',
      ({ input }) => simulator.placeCall(callOptions(input)),
    ),
    route(
      'POST',
      '/simulator/calls/with-agent-leg',
      'places a call of two legs; takes caller: parent or child',
      ({ input }) =>
        simulator.placeCallWithAgentLeg({ caller: input.caller === 'child' ? 'child' : 'parent' }),
    ),
    route('GET', `${call}/phone`, "what the caller's phone shows", ({ sid }) => simulator.phones.view(sid)),
    route('POST', `${call}/type`, 'the caller types; takes digits and everyMs', (request) => {
      const everyMs = numberOf(request.input.everyMs, 'everyMs') ?? 0;
      return callerOf(request).types(String(request.input.digits ?? ''), { everyMs });
    }),
    route('POST', `${call}/nothing`, 'the caller types nothing (any more)', (request) =>
      callerOf(request).typesNothing(),
    ),
    route('POST', `${call}/star`, 'the caller presses *', (request) => callerOf(request).pressesStar()),
    route('POST', `${call}/hang-up`, 'the caller hangs up', (request) => callerOf(request).hangsUp()),
    route(
      'GET',
      `${call}/waits-for`,
      'answers when Twilio listens for a field; takes field and timeoutMs',
      (request) =>
        callerOf(request).waitsFor(
          String(request.input.field),
          numberOf(request.input.timeoutMs, 'timeoutMs') ?? 5_000,
        ),
    ),
  ];
}

function recordRoutes(simulator: Simulator): ControlRoute[] {
  return [
    route(
      'GET',
      '/simulator/credentials',
      'what the account and its API key are called, for programs beside the Functions',
      () => simulator.credentials,
    ),
    route('GET', '/simulator/requests', 'requests to the Twilio APIs', () => simulator.requests),
    route(
      'GET',
      '/simulator/unknown-requests',
      'requests that the simulator does not know',
      () => simulator.unknownRequests,
    ),
    route(
      'GET',
      '/simulator/callbacks',
      'status callbacks and what became of them',
      () => simulator.callbacks,
    ),
    route('GET', '/simulator/charges', 'what the payment processor really did', () => simulator.charges),
    route('GET', '/simulator/documents', 'Sync documents', () => simulator.documents()),
    route('GET', '/simulator/payments', 'payment sessions', () => simulator.payments()),
    route('GET', '/simulator/settled', 'answers when nothing is queued or under way', () =>
      simulator.settled(),
    ),
    route('GET', '/simulator/everything-written', 'all that was written, as one text', () => ({
      text: simulator.everythingWritten(),
    })),
  ];
}

function settingRoutes(simulator: Simulator): ControlRoute[] {
  const { switches, delivery, faults } = simulator;
  return [
    route('GET', '/simulator/switches', 'the switches', () => switches),
    route('PUT', '/simulator/switches', 'changes the switches named', ({ input }) => {
      changeSwitches(switches, input);
      return switches;
    }),
    route('GET', '/simulator/delivery', 'how callbacks travel', () => deliverySettings(delivery)),
    route('PUT', '/simulator/delivery', 'changes the settings named', ({ input }) => {
      changeDelivery(delivery, input);
      return deliverySettings(delivery);
    }),
    route('POST', '/simulator/delivery/hold', 'collects callbacks from now on', () => {
      delivery.hold();
      return deliverySettings(delivery);
    }),
    route(
      'POST',
      '/simulator/delivery/release',
      'delivers what was collected; takes order and repeats',
      ({ input }) =>
        delivery.release(
          present({ order: orderOf(input.order), repeats: numberOf(input.repeats, 'repeats') }),
        ),
    ),
    route(
      'POST',
      '/simulator/faults',
      'adds a fault; takes route, method, times, skip, action',
      ({ input }) => {
        faults.add(faultOf(input));
      },
    ),
    route(
      'POST',
      '/simulator/faults/random',
      'faults at random; takes routes, rate, actions, seed',
      ({ input }) => {
        const { routes, actions } = input;
        if (!Array.isArray(actions) || actions.length === 0) throw new ControlError('actions takes a list');
        faults.random({
          rate: numberOf(input.rate, 'rate') ?? 0,
          seed: numberOf(input.seed, 'seed') ?? 1,
          actions: actions.map(actionOf),
          ...(Array.isArray(routes)
            ? { routes: routes.map(routeOf).flatMap((name) => (name === '*' ? [] : [name])) }
            : {}),
        });
      },
    ),
    route('DELETE', '/simulator/faults', 'no more faults', () => faults.clear()),
    route('POST', '/simulator/kill', 'kills an invocation; takes invocation and afterRequests', ({ input }) =>
      simulator.kill(String(input.invocation), numberOf(input.afterRequests, 'afterRequests') ?? 0),
    ),
    route('POST', '/simulator/advance', 'moves the time forward; takes ms', ({ input }) =>
      simulator.advance(numberOf(input.ms, 'ms') ?? 0),
    ),
  ];
}

function route(method: string, path: string, what: string, run: ControlRoute['run']): ControlRoute {
  return { method, path, what, run };
}

function callOptions(input: Json): CallOptions {
  const text = (name: string): string | undefined =>
    typeof input[name] === 'string' ? input[name] : undefined;
  const choice = <Value extends string>(name: string, allowed: readonly Value[]): Value | undefined => {
    const value = allowed.find((known) => known === input[name]);
    if (input[name] !== undefined && value === undefined)
      throw new ControlError(`${name} takes ${allowed.join(', ')}`);
    return value;
  };
  return present<CallOptions>({
    status: choice('status', CALL_STATUSES),
    direction: choice('direction', DIRECTIONS),
    from: text('from'),
    to: text('to'),
    parentCallSid: text('parentCallSid'),
    sid: text('sid'),
  });
}

function faultOf(input: Json): Fault {
  return {
    route: routeOf(input.route),
    action: actionOf(input.action),
    ...present<Pick<Fault, 'method' | 'times' | 'skip'>>({
      method: typeof input.method === 'string' ? input.method : undefined,
      times: numberOf(input.times, 'times'),
      skip: numberOf(input.skip, 'skip'),
    }),
  };
}

function orderOf(value: unknown): ReleaseOrder | undefined {
  if (value === undefined || value === 'given' || value === 'reversed' || value === 'shuffled') return value;
  if (Array.isArray(value)) return value.map(Number);
  throw new ControlError('order takes given, reversed, shuffled or a list of positions');
}
