import { readBearerTokens } from '../../../functions/runtime/bearer-tokens.ts';
import type { Variables } from '../environment.ts';
import { installLines } from '../install-links.ts';
import { RunError } from '../program.ts';
import type { ToolRun } from './tool.ts';

/** What twilio-run says of a deploy (printers/deploy.ts). */
export interface Deployed {
  readonly domain: string;
  readonly serviceName: string;
  readonly serviceSid: string;
  readonly environmentSuffix: string;
  readonly buildSid: string;
  readonly runtime: string;
}

export function readResult({ stdout }: ToolRun): Deployed {
  try {
    return JSON.parse(stdout.slice(stdout.indexOf('{'))) as Deployed;
  } catch {
    throw new RunError(`twilio-run ended well, but what it printed cannot be read:\n${stdout.trim()}`);
  }
}

/** What to do with a deployment. Names variables and tokens, never values. */
export function resultText(deployed: Deployed, variables: Variables): string {
  const { domain, serviceName, serviceSid, environmentSuffix, buildSid, runtime } = deployed;
  const url = `https://${domain}`;
  const names = readBearerTokens(variables).entries.map(({ client }) => client);
  const [first = 'an access token of OAUTH_ISSUER'] = names;
  const header = `Authorization: Bearer <${first === 'MCP_AUTH_TOKEN' ? 'your MCP_AUTH_TOKEN' : first}>`;
  return `
Deployed.

MCP endpoint   ${url}/mcp
Tokens         ${[...names, ...(variables.OAUTH_ISSUER ? ['those of OAUTH_ISSUER'] : [])].join(', ')}
Service        ${serviceName} (${serviceSid})
Environment    ${environmentSuffix || 'production'}
Build          ${buildSid} on ${runtime}

Claude Code:
  claude mcp add --transport http agent-pay ${url}/mcp --header "${header}"
${installLines(`${url}/mcp`)}

Check it:
  npm run doctor -- --url ${url}
`;
}
