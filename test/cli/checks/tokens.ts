import { readBearerTokens } from '../../../functions/runtime/bearer-tokens.ts';
import { type Check, failed, ok, WHERE_TO_SET, warning } from './check.ts';

/** Characters that a token should have at least: random ones of base64, 144 bits. */
const MIN_TOKEN = 24;

const MAKE_ONE = 'Make one with: node -p "crypto.randomBytes(32).toString(\'base64url\')"';

/** What an Authorization header can carry after `Bearer`, as the Functions read it. */
const SENDABLE = /^[\x21-\x2b\x2d-\x7e]+$/;

/** The one token with all rights. */
export const plainToken: Check = {
  name: 'MCP_AUTH_TOKEN',
  async run({ variables }) {
    const { MCP_AUTH_TOKEN: token = '', OAUTH_ISSUER: issuer = '' } = variables;
    if (!token) {
      const { entries } = readBearerTokens(variables);
      const isValid = entries.some(({ expires }) => Date.now() < expires);
      const others = [...(isValid ? ['MCP_TOKENS'] : []), ...(issuer ? ['OAUTH_ISSUER'] : [])];
      if (others.length > 0) return [ok(`There is none; ${others.join(' and ')} let clients in.`)];
      return [failed(`It is missing, so /mcp lets nobody in. ${MAKE_ONE}. ${WHERE_TO_SET}`)];
    }
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
  async run({ variables }) {
    const { entries, malformed } = readBearerTokens({ MCP_TOKENS: variables.MCP_TOKENS });
    const expired = entries.filter(({ expires }) => expires <= Date.now()).map(({ client }) => client);
    if (entries.length + malformed === 0) return [];
    const verdicts = [];
    if (malformed > 0)
      verdicts.push(
        failed(
          `${malformed} of ${entries.length + malformed} entries cannot be read and let nobody in. Each is name:scopes:expiry:digest, separated by blanks; the name has at most 32 letters, digits, dots, dashes and underscores, the scopes are letters of rwca, the expiry is YYYYMMDD or nothing. Correct it in .env.`,
        ),
      );
    if (expired.length > 0)
      verdicts.push(
        warning(`Expired: ${expired.join(', ')}. Remove the entries from .env, or make new tokens.`),
      );
    const seers = entries.filter(({ scopes }) => scopes.includes('payments:any')).map(({ client }) => client);
    const told = seers.length > 0 ? ` These see the payments of all others: ${seers.join(', ')}.` : '';
    return verdicts.length > 0 ? verdicts : [ok(`${entries.length} can be read and are valid.${told}`)];
  },
};
