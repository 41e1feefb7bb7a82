import { createRequire } from 'node:module';
import { type Program, RunError } from './program.ts';

interface Ngrok {
  forward(options: { addr: number; authtoken: string }): Promise<{
    url(): string | null;
    close(): Promise<void>;
  }>;
}

const CLOSE_MS = 2_000;

const requireForTwilioRun = createRequire(createRequire(import.meta.url).resolve('twilio-run/package.json'));

/**
 * Opens an ngrok tunnel to a local port and gives its public URL. Not by twilio-run's own `--ngrok`: its Functions are
 * not told the tunnel's name (https://github.com/twilio-labs/serverless-toolkit/issues/474), but we need it for the
 * StatusCallback URL. The package and the place of the authtoken are twilio-run's.
 */
export async function openTunnel(program: Program, port: number): Promise<string> {
  let ngrok: Ngrok;
  try {
    ngrok = requireForTwilioRun('@ngrok/ngrok') as Ngrok;
  } catch {
    throw new RunError(
      'The optional package @ngrok/ngrok is not installed: run npm ci without --omit=optional.',
    );
  }
  const authtoken = requireAuthtoken();
  try {
    const listener = await ngrok.forward({ addr: port, authtoken });
    program.onClose(() =>
      Promise.race([listener.close(), new Promise((done) => setTimeout(done, CLOSE_MS))]),
    );
    const url = listener.url();
    if (url) return url;
  } catch (error) {
    // Only the code: the text of an authentication error repeats the token.
    const code = /ERR_NGROK_\d+/.exec(String(error))?.[0];
    throw new RunError(`ngrok could not open a tunnel${code ? ` (${code})` : ''}.`);
  }
  throw new RunError('ngrok opened a tunnel without a URL.');
}

/** The token of the ngrok account: of the environment, or where ngrok itself keeps it. @throws RunError if there is none. */
export function requireAuthtoken(): string {
  const { getNgrokAuthToken } = requireForTwilioRun('./dist/config/start.js') as {
    getNgrokAuthToken(): string | undefined;
  };
  const authtoken = process.env.NGROK_AUTHTOKEN || getNgrokAuthToken();
  if (authtoken) return authtoken;
  throw new RunError(
    'NGROK_AUTHTOKEN is missing: copy it from dashboard.ngrok.com, then run NGROK_AUTHTOKEN=… npm start -- --ngrok',
  );
}
