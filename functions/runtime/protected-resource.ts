import { METADATA_PATH, resourceUrl } from './auth.ts';
import { type AccessConfig, ConfigError, readAccessConfig } from './config.ts';
import { endpoint, type HttpResponse, headersOf, refusal } from './http.ts';
import { createLog } from './log.ts';
import { corsHeaders } from './origin.ts';
import { SCOPES } from './scopes.ts';

/**
 * GET /.well-known/oauth-protected-resource[/mcp]: the metadata of the MCP endpoint (RFC 9728, section 2), where
 * an issuer is configured; without one, advertising OAuth would make some clients ignore their static header.
 */
export const protectedResourceHandler = endpoint('oauth-protected-resource', async (context, event) => {
  let config: AccessConfig;
  try {
    config = readAccessConfig(context);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    createLog()('configuration', { endpoint: 'oauth-protected-resource', variables: error.variables });
    return refusal(500, 'NOT_CONFIGURED', error.message);
  }
  const { headers, ...response } = metadataOf(config);
  return { ...response, headers: { ...headers, ...corsHeaders(headersOf(event), config) } };
});

function metadataOf(config: AccessConfig): HttpResponse {
  if (!config.OAUTH_ISSUER)
    return refusal(
      404,
      'NOT_FOUND',
      `There is no ${METADATA_PATH}: this service uses bearer tokens of its own.`,
    );
  return {
    status: 200,
    headers: { 'Cache-Control': 'public, max-age=300' },
    body: {
      resource: resourceUrl(config),
      authorization_servers: [config.OAUTH_ISSUER],
      scopes_supported: SCOPES,
      bearer_methods_supported: ['header'],
      resource_name: 'Agent payments',
    },
  };
}
