import { readFileSync } from 'node:fs';
import { handler as desk } from '../../../functions/desk.ts';
import { type Handler, startFunctionsHost } from '../../suites/host/functions-host.ts';

/** The page of the desk as the Function gives it, without the rest of the service. */
export function servedDesk() {
  const file = new URL('../../../dist/assets/desk.private.html', import.meta.url);
  return startFunctionsHost({
    handlers: { '/desk': desk as Handler },
    variables: (url) => ({ PUBLIC_URL: url, MCP_AUTH_TOKEN: 'a-token' }),
    assets: { '/desk.html': readFileSync(file, 'utf8') },
  });
}
