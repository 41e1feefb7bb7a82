import { type AccessConfig, ConfigError, readAccessConfig } from './runtime/config.ts';
import { endpoint, type HttpResponse, refusal } from './runtime/http.ts';
import { createLog } from './runtime/log.ts';
import { SCOPES } from './runtime/scopes.ts';

/**
 * GET /desk-client: what the payment desk is to an OAuth issuer, under the URL that is its client id (OAuth Client ID
 * Metadata Document). It is there where the desk has no client id of another kind.
 */
export const handler = endpoint('desk', async (context) => {
  try {
    return documentOf(readAccessConfig(context));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    createLog()('configuration', { endpoint: 'desk', variables: error.variables });
    return refusal(500, 'NOT_CONFIGURED', error.message);
  }
});

function documentOf({ OAUTH_ISSUER, DESK_OAUTH_CLIENT_ID, publicUrl }: AccessConfig): HttpResponse {
  if (!OAUTH_ISSUER || DESK_OAUTH_CLIENT_ID)
    return refusal(404, 'NOT_FOUND', 'The payment desk does not introduce itself to an issuer here.');
  return {
    status: 200,
    headers: { 'Cache-Control': 'public, max-age=300' },
    body: {
      client_id: `${publicUrl}/desk-client`,
      client_name: 'Payment desk',
      client_uri: publicUrl,
      redirect_uris: [`${publicUrl}/desk`],
      response_types: ['code'],
      grant_types: ['authorization_code'],
      token_endpoint_auth_method: 'none',
      scope: SCOPES.join(' '),
    },
  };
}
