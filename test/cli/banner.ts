import { localUrl, type SimulatedRun } from './simulated.ts';
import { TEST_CARD } from './test-card.ts';

export const HELP = `Runs the Functions on this machine.

  npm start                       with Twilio credentials in .env: against that account
                                  without: against a simulated Twilio with a call in progress; every other setting of
                                  .env holds there too, and SIMULATED_CALL_SID gives the call its SID
  npm start -- --port 4000        on another port than 3000
  npm start -- --ngrok            opens a tunnel, so that Twilio can call back (an alternative to PUBLIC_URL in .env)
  npm start -- --env FILE         reads another file than .env
  npm start -- --help             prints this

Ctrl-C ends it.`;

/** What to do with a run against the simulator, ready to paste. */
export function simulatedBanner(
  { simulator, call, mcpUrl, token, currency, keeps }: SimulatedRun,
  file: string,
  warnings: string[],
): string {
  const control = `${simulator.url}/simulator`;
  const pages = `${localUrl(simulator)}/simulator`;
  const caller = `${control}/calls/${call.sid}`;
  return `
A simulated Twilio: no account, no phone, no money. A call is in progress.

Take a payment yourself, and be the caller:
  Desk         ${pages}/desk
  Phone        ${pages}/phone#call=${call.sid}
  Both         ${pages}/both

MCP endpoint   ${mcpUrl}
Token          ${token}
Call           ${call.sid}
${bewareOf(warnings)}
${clientLines(mcpUrl, token)}
${keeps ? `They are kept for the next run, for ${file} has them.` : `To keep them for the next run, set MCP_AUTH_TOKEN and SIMULATED_CALL_SID in ${file}.`}

Then ask your agent, for example:
  Take a payment of 50 ${currency} on call ${call.sid}.

Type as the caller, each time Twilio listens:
  curl -X POST '${caller}/type?everyMs=200&digits=${TEST_CARD.number}'
  curl -X POST '${caller}/type?everyMs=200&digits=${TEST_CARD.securityCode}'
  curl -X POST '${caller}/type?everyMs=200&digits=${TEST_CARD.expirationDate}'
Type nothing until Twilio gives up (who stops in the middle is timed out by itself):
  curl -X POST '${caller}/nothing'
Press * (which ends the payment), hang up, place another call, see what else there is:
  curl -X POST '${caller}/star'
  curl -X POST '${caller}/hang-up'
  curl -X POST '${control}/calls'
  curl '${control}'

See what is kept of the payments:
  npm run payments -- --simulator ${simulator.url}

Ctrl-C ends it. What the Functions log follows.
`;
}

export interface AccountRun {
  /** Of this machine. */
  url: string;
  publicUrl: string | undefined;
  /** The file with the variables. */
  file: string;
  /** The token that was made for this run; undefined if clients have one. */
  token: string | undefined;
  /** Stands for the token that clients have. */
  placeholder: string;
  warnings: string[];
}

/** What to do with a run against a Twilio account. Holds nothing secret of the file with the variables. */
export function accountBanner({ url, publicUrl, file, token, placeholder, warnings }: AccountRun): string {
  const reach = publicUrl
    ? `Twilio calls   ${publicUrl}/payment-status\nFrom outside   ${publicUrl}/mcp\n`
    : '';
  return `
Your Twilio account, as ${file} says. Calls and charges are real.

MCP endpoint   ${url}/mcp
${token ? `Token          ${token}   (made for this run: ${file} has no valid entry in MCP_TOKENS and no MCP_AUTH_TOKEN)\n` : ''}${reach}${bewareOf(warnings)}
${clientLines(`${url}/mcp`, token ?? placeholder)}
Ctrl-C ends it. What the Functions log follows.
`;
}

function bewareOf(warnings: string[]): string {
  return warnings.map((warning) => `\nBeware: ${warning}\n`).join('');
}

function clientLines(mcpUrl: string, token: string): string {
  const header = `Authorization: Bearer ${token}`;
  const entry = { type: 'http', url: mcpUrl, headers: { Authorization: `Bearer ${token}` } };
  return `Claude Code:
  claude mcp add --transport http agent-pay ${mcpUrl} --header "${header}"

Other clients:
${JSON.stringify({ mcpServers: { 'agent-pay': entry } }, null, 2).replace(/^/gm, '  ')}
`;
}
