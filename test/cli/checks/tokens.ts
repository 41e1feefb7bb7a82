import { readBearerTokens } from '../../../functions/runtime/bearer-tokens.ts';
import { type Check, failed, ok, warning, whereToSet } from './check.ts';

/** Characters that a token should have at least: random ones of base64, 144 bits. */
const MIN_TOKEN = 24;

const MAKE_ONE = 'Make one with: npm run token -- --name NAME --scopes read,write,charge';

/** What an Authorization header can carry after `Bearer`, as the Functions read it. */
const SENDABLE = /^[\x21-\x2b\x2d-\x7e]+$/;

/** Whether anybody is let in at all. */
export const clients: Check = {
  name: 'Clients',
  async run(patient) {
    const isValid = readBearerTokens(patient.variables).entries.filter(({ expires }) => Date.now() < expires);
    const isPlain = ({ client }: { client: string }) => client === 'MCP_AUTH_TOKEN';
    const ways = [
      ...(isValid.some((entry) => !isPlain(entry)) ? ['MCP_TOKENS'] : []),
      ...(isValid.some(isPlain) ? ['MCP_AUTH_TOKEN'] : []),
      ...(patient.variables.OAUTH_ISSUER ? ['OAUTH_ISSUER'] : []),
    ];
    if (ways.length > 0) return [ok(`They get in by ${ways.join(' and ')}.`)];
    return [
      failed(
        `There is no valid token and no OAUTH_ISSUER, so /mcp lets nobody in. ${MAKE_ONE}, which prints the line for MCP_TOKENS. ${whereToSet(patient)}`,
      ),
    ];
  },
};

/** The one token with all rights. */
export const plainToken: Check = {
  name: 'MCP_AUTH_TOKEN',
  async run({ variables }) {
    const { MCP_AUTH_TOKEN: token = '' } = variables;
    if (!token) return [];
    if (!SENDABLE.test(token))
      return [
        failed(
          `It holds a blank, a comma or a character outside ASCII, so no client can send it. ${MAKE_ONE}.`,
        ),
      ];
    if (token.length < MIN_TOKEN)
      return [
        warning(
          `It has ${token.length} characters; with fewer than ${MIN_TOKEN} it could be guessed. ${MAKE_ONE}.`,
        ),
      ];
    return [ok(`It has ${token.length} characters.`)];
  },
};

/** The named tokens, of which the variable holds digests. */
export const namedTokens: Check = {
  name: 'MCP_TOKENS',
  async run({ variables, file }) {
    const { entries, malformed } = readBearerTokens({ MCP_TOKENS: variables.MCP_TOKENS });
    const expired = entries.filter(({ expires }) => expires <= Date.now()).map(({ client }) => client);
    if (entries.length + malformed === 0) return [];
    const verdicts = [];
    if (malformed > 0)
      verdicts.push(
        failed(
          `${malformed} of ${entries.length + malformed} entries cannot be read and let nobody in. Each is name:scopes:expiry:digest, separated by blanks; the name has at most 32 letters, digits, dots, dashes and underscores, the scopes are letters of rwca, the expiry is YYYYMMDD or nothing. Correct it in ${file}.`,
        ),
      );
    if (expired.length > 0)
      verdicts.push(
        warning(`Expired: ${expired.join(', ')}. Remove the entries from ${file}, or make new tokens.`),
      );
    const seers = entries.filter(({ scopes }) => scopes.includes('payments:any')).map(({ client }) => client);
    const told = seers.length > 0 ? ` These see the payments of all others: ${seers.join(', ')}.` : '';
    return verdicts.length > 0 ? verdicts : [ok(`${entries.length} can be read and are valid.${told}`)];
  },
};
