/** The Inspector as a chat's host: its web client opens the payment desk beside a tool call, and a person pays there. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import type { Frame, Page } from 'playwright-core';
import { launch } from '../../desk/browser.ts';
import type { Outcome } from '../drive.ts';

const launcher = createRequire(import.meta.url).resolve(
  '@modelcontextprotocol/inspector/clients/launcher/build/index.js',
);
const LIMIT_MS = 120_000;
/** The second look cannot be pressed before. */
const LOOK_MS = 700;

const { MCP_URL: url = '', CALL_SID: callSid = '' } = process.env;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

const [port, sandboxPort] = [await freePort(), await freePort()];
const web: ChildProcess = spawn(process.execPath, [launcher, '--web'], {
  env: {
    ...process.env,
    HOST: '127.0.0.1',
    CLIENT_PORT: String(port),
    MCP_SANDBOX_PORT: String(sandboxPort),
    MCP_AUTO_OPEN_ENABLED: 'false',
    MCP_INSPECTOR_API_TOKEN: 'tok',
  },
  stdio: 'ignore',
});
const origin = `http://127.0.0.1:${port}`;
const deadline = Date.now() + LIMIT_MS;
while (!(await fetch(origin).catch(() => undefined))) {
  if (Date.now() > deadline) throw new Error('The Inspector does not answer.');
  await new Promise((resolve) => setTimeout(resolve, 200));
}
const browser = await launch();
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(LIMIT_MS);
  const args = { callSid, chargeAmount: 49.9, currency: 'USD', description: 'Invoice 1001' };
  const link = new URL(origin);
  const parameters = {
    MCP_INSPECTOR_API_TOKEN: 'tok',
    serverUrl: url,
    transport: 'http',
    autoConnect: 'tok',
    openApp: 'startPaymentCapture',
    appArgs: Buffer.from(JSON.stringify(args)).toString('base64url'),
    autoOpen: 'tok',
  };
  for (const [name, value] of Object.entries(parameters)) link.searchParams.set(name, value);
  await page.goto(link.href);
  const confirmationCode = await pay(await viewOf(page));
  const outcome: Outcome = { listed: {}, phase: 'completed', result: 'success', confirmationCode };
  console.log(JSON.stringify(outcome));
} finally {
  await browser.close();
  web.kill();
}

/** The frame with the desk in it: the host's own frame is around it. */
async function viewOf(page: Page): Promise<Frame> {
  while (Date.now() < deadline) {
    for (const frame of page.frames())
      if (
        (await frame
          .locator('#desk .payment #primary')
          .count()
          .catch(() => 0)) > 0
      )
        return frame;
    await page.waitForTimeout(200);
  }
  throw new Error(`The desk was not shown: ${await page.locator('body').textContent()}`);
}

/**
 * Asks for the card number, which the caller mistypes, and once more, which brings the other fields; then reviews and
 * charges. @returns the code that the desk shows */
async function pay(desk: Frame): Promise<string> {
  const press = async (text: string) => {
    await desk.locator('#primary', { hasText: text }).click();
  };
  await press('Ask for the card number');
  await desk.locator('.row.refused', { hasText: 'probably mistyped' }).waitFor();
  await press('Ask for the card number again');
  await press('Review and charge');
  await desk.locator('#primary', { hasText: 'Charge $49.90' }).waitFor();
  await desk.page().waitForTimeout(LOOK_MS);
  await press('Charge $49.90');
  await desk.getByText('Paid $49.90').first().waitFor();
  return (await desk.locator('.code .mono').textContent()) ?? '';
}
