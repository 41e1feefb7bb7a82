import { digestOf } from '../../../functions/runtime/bearer-tokens.ts';
import { type Agent, connect, type Setup, type Stage } from './connect.ts';

/** A stage with clients beside the one that may do all: each has a token of its own name. */
export type ClientsStage<N extends string> = Stage & Record<N, Agent>;

/** Makes a stage on which these clients are connected. @param letters their scopes, by name, as MCP_TOKENS has them. */
export async function connectClients<N extends string>(
  letters: Record<N, string>,
  { variables, ...setup }: Setup = {},
): Promise<ClientsStage<N>> {
  const names = Object.keys(letters) as N[];
  const MCP_TOKENS = names.map((name) => `${name}:${letters[name]}::${digestOf(tokenOf(name))}`).join(' ');
  const stage = await connect({ ...setup, variables: { MCP_TOKENS, ...variables } });
  const agents = await Promise.all(names.map((name) => stage.connectAgent(headersOf(name))));
  return { ...stage, ...Object.fromEntries(names.map((name, i) => [name, agents[i]])) } as ClientsStage<N>;
}

/** What a client of such a stage sends with each request. */
export function headersOf(name: string): { Authorization: string } {
  return { Authorization: `Bearer ${tokenOf(name)}` };
}

function tokenOf(name: string): string {
  return `token-of-${name}`;
}

/** The audit lines of the log so far. */
export function auditOf({ host }: Stage): Record<string, unknown>[] {
  return host.logs
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ event }) => event === 'audit');
}
