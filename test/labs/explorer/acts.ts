import type { ToolName } from '../../../functions/payments/advice/guidance.ts';
import type { Agent } from './agent.ts';

/** What clients do of their own accord, by name. */
export const COMMANDS = {
  'starts the same': (agent: Agent) => agent.start(5),
  'starts another amount': (agent: Agent) => agent.start(500),
  'starts another payment': (agent: Agent) => agent.start(500, true),
  'has the card typed anew': (agent: Agent) => agent.capture('captureCardNumber'),
  'completes as shown': (agent: Agent) => agent.complete(),
  'completes what it agreed': (agent: Agent) => agent.complete(agent.amount),
  'completes another amount': (agent: Agent) => agent.complete(500),
  cancels: (agent: Agent) => agent.cancel(),
  reads: (agent: Agent) => agent.read(),
} satisfies Record<string, (agent: Agent) => Promise<unknown>>;
export type Command = keyof typeof COMMANDS;

const FIELD_TOOLS: ToolName[] = [
  'captureSecurityCode',
  'captureExpirationDate',
  'capturePostalCode',
  'captureBankRoutingNumber',
  'captureBankAccountNumber',
];

export interface Occasions {
  /** The other clients, who may know of a payment. */
  others: readonly Agent[];
  /** Milliseconds after which payments are forgotten, if a schedule takes so long. */
  ttlMs: number | undefined;
}

/** One act of a client: most often what the advice says. */
export function act(agent: Agent, { others, ttlMs }: Occasions): Promise<unknown> {
  const again = agent.nextStep;
  const choices: (() => Promise<unknown>)[] = [
    () => agent.follow(),
    ...Object.values(COMMANDS).map((command) => () => command(agent)),
    () => agent.complete('nothing'),
    () => agent.capture(agent.pick(FIELD_TOOLS)),
    () => agent.read(8),
    () => agent.pause(8_000),
    // Whoever gets no answer soon enough asks once more.
    () => {
      void agent.follow();
      agent.nextStep = again;
      return agent.follow();
    },
    ...(ttlMs ? [() => agent.pause(ttlMs + 1_000)] : []),
    ...others.map((other) => async () => {
      agent.learn(other.known);
      await agent.follow();
    }),
  ];
  return (choices[agent.scheduler.choose(choices.length, 'act')] ?? choices[0])?.() ?? Promise.resolve();
}
