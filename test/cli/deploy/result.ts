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

/** Stands for a token that clients have: whose it is, since the variables hold its digest alone. */
export function tokenPlaceholder(variables: Variables): string {
  const valid = readBearerTokens(variables).entries.filter(({ expires }) => Date.now() < expires);
  const [first] = valid;
  if (!first) return '<an access token of OAUTH_ISSUER>';
  return first.client === 'MCP_AUTH_TOKEN' ? '<your MCP_AUTH_TOKEN>' : `<the token of ${first.client}>`;
}

/** What to do with a deployment. Names variables and tokens, never values. */
export function resultText(deployed: Deployed, variables: Variables): string {
  const { domain, serviceName, serviceSid, environmentSuffix, buildSid, runtime } = deployed;
  const url = `https://${domain}`;
  const names = readBearerTokens(variables).entries.map(({ client }) => client);
  const header = `Authorization: Bearer ${tokenPlaceholder(variables)}`;
  return `
Deployed.

MCP endpoint   ${url}/mcp
Tokens         ${[...names, ...(variables.OAUTH_ISSUER ? ['those of OAUTH_ISSUER'] : [])].join(', ') || 'none: nobody is let in'}
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
