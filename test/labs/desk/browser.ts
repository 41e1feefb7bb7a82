import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where Debian, other systems and CI have a Chromium. The one without windows needs a quarter of the time. */
const PLACES = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
export const executablePath = PLACES.find((path) => path && existsSync(path));

export const MISSING =
  'No Chromium is installed, so what needs a browser is left out. Install one, for example by apt-get install chromium-headless-shell, or set CHROMIUM_PATH.';

export function launch(): Promise<Browser> {
  if (!executablePath) throw new Error(MISSING);
  // Containers have no user namespaces for its sandbox.
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}
