/** `npm run screenshots`: a picture of every state of the payment desk, light and dark, on a page, in a chat's width, at 320 px and on a wall. */
import { mkdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { handler as desk } from '../../../functions/desk.ts';
import { launch } from '../../suites/desk/browser.ts';
import { openState } from '../../suites/desk/open-state.ts';
import { STATES } from '../../suites/desk/states.ts';
import { type Handler, startFunctionsHost } from '../../suites/host/functions-host.ts';

const LOOKS = [
  { name: '1280-light', theme: 'light', width: 1280, height: 800 },
  { name: '392-light', theme: 'light', width: 392, height: 640 },
  { name: '392-dark', theme: 'dark', width: 392, height: 640 },
  { name: '320-light', theme: 'light', width: 320, height: 640 },
  { name: '1920-dark', theme: 'dark', width: 1920, height: 1080 },
] as const;

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'docs/desk' },
    only: { type: 'string', default: '' },
    look: { type: 'string', default: '' },
  },
});
async function main(): Promise<void> {
  const file = new URL('../../../dist/assets/desk.private.html', import.meta.url);
  const host = await startFunctionsHost({
    handlers: { '/desk': desk as Handler },
    variables: (url) => ({ PUBLIC_URL: url, MCP_AUTH_TOKEN: 'a-token' }),
    assets: { '/desk.html': readFileSync(file, 'utf8') },
  });
  const browser = await launch();
  mkdirSync(values.out, { recursive: true });
  const only = values.only.split(',').filter(Boolean);
  for (const look of LOOKS.filter(({ name }) => name.includes(values.look))) {
    for (const state of STATES.filter(({ name }) => only.length === 0 || only.includes(name))) {
      const page = await openState(browser, host.url, state, look);
      await page.evaluate(`document.body.style.setProperty('--font-sans', 'Inter, system-ui, sans-serif')`);
      await page.screenshot({
        path: `${values.out}/${state.name}-${look.name}.png`,
        fullPage: look.width < 1000,
      });
      await page.context().close();
    }
  }
  await browser.close();
  await host.close();
}

main().catch((error: unknown) => {
  // The host keeps what is written to the console.
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
