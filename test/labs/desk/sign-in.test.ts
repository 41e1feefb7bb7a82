import type { Browser, Page, Request } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { connect, type Stage } from '../../suites/host/connect.ts';
import { start } from '../../suites/host/payment.ts';
import { type Issuer, startIssuer } from '../../suites/security/issuer.ts';
import { launch } from './browser.ts';
import { describeInBrowser } from './suite.ts';

const ALL = 'payments:read payments:write payments:charge';

describeInBrowser('signing in at the desk with the account of an issuer', () => {
  let browser: Browser;
  let issuer: Issuer;
  /** The window of every test, each of which is given it without cookies; what a tab keeps is kept by origin. */
  let page: Page;
  beforeAll(async () => {
    [browser, issuer] = await Promise.all([launch(), startIssuer()]);
    page = await browser.newPage();
    page.setDefaultTimeout(30_000);
  });
  afterAll(async () => {
    await browser.close();
    await issuer.close();
  });

  test('leads back to the payment, by the code flow with PKCE, and leaves the token nowhere', async () => {
    const { stage, page, requests } = await atTheDoor();
    const { paymentSid } = await start(stage);
    // Whoever started it is another client: what they may see of it is not tried here.
    await page.goto(`${stage.host.url}/desk#call=${stage.call.sid}&payment=${paymentSid}`);
    await page.locator('#primary').click();
    await signedIn(page);
    const { hash, search } = new URL(page.url());
    expect(hash).toBe(`#call=${stage.call.sid}&payment=${paymentSid}`);
    expect(search).toBe('');
    const asked = new URL(requests.find((url) => url.includes('/auth?')) ?? '').searchParams;
    expect(Object.fromEntries(asked)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      redirect_uri: `${stage.host.url}/desk`,
      resource: `${stage.host.url}/mcp`,
    });
    const kept = await page.evaluate(
      'JSON.stringify([{ ...sessionStorage, ...localStorage }, document.cookie])',
    );
    expect(kept).toBe('[{},""]');
    expect(requests.filter((url) => /access_token|eyJ/.test(url))).toEqual([]);
    await page.reload();
    await page.locator('.door').waitFor();
  });

  test('is kept in the tab if the person asks for it, until they sign out', async () => {
    const { page } = await atTheDoor();
    await page.locator('.switch').click();
    await page.locator('#primary').click();
    await signedIn(page);
    await page.reload();
    await signedIn(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.locator('.door').waitFor();
    await page.reload();
    await page.locator('.door').waitFor();
  });

  test.each([
    ['a code that is worth nothing', {}, 1],
    ['a state that is not ours', { state: 'of-somebody-else' }, 0],
    ['another issuer', { iss: 'https://evil.example' }, 0],
    ['no issuer, though it names itself', { iss: undefined }, 0],
    ['an error in place of a code', { code: undefined, error: 'access_denied' }, 0],
  ])('does not take an answer with %s', async (_, change, asked) => {
    const { stage, page, tokenRequests } = await atTheDoor();
    let state = '';
    await page.route(`${issuer.url}/auth?*`, (route) => {
      state = new URL(route.request().url()).searchParams.get('state') ?? '';
      return route.fulfill({ body: 'The issuer' });
    });
    await page.locator('#primary').click();
    await page.locator('body', { hasText: 'The issuer' }).waitFor();
    const answer = new URLSearchParams();
    for (const [name, value] of Object.entries({ code: 'a-code', state, iss: issuer.url, ...change }))
      if (value !== undefined) answer.set(name, value);
    await page.goto(`${stage.host.url}/desk?${answer}`);
    await page.locator('.door', { hasText: 'Signing in did not work' }).waitFor();
    expect(tokenRequests()).toBe(asked);
    expect(new URL(page.url()).search).toBe('');
    expect(await page.evaluate('JSON.stringify({ ...sessionStorage })')).toBe('{}');
  });

  test('takes no answer that nobody asked for in this tab', async () => {
    const { stage, page, tokenRequests } = await atTheDoor();
    await page.goto(
      `${stage.host.url}/desk?code=of-an-attacker&state=x&iss=${encodeURIComponent(issuer.url)}`,
    );
    await page.locator('.door', { hasText: 'Signing in did not work' }).waitFor();
    expect(tokenRequests()).toBe(0);
  });

  test('says so while the issuer is down, and offers to try again', async () => {
    const stage = await connect({ variables: { OAUTH_ISSUER: 'http://127.0.0.1:9' } });
    const page = emptyPage();
    await page.goto(`${stage.host.url}/desk`);
    await page.locator('#primary').click();
    await page.locator('#primary').waitFor();
    expect(await page.locator('.door').textContent()).toContain('Sign in with your company account');
  });

  /** The desk of a service with the issuer, at whose door a person stands who will consent to everything. */
  async function atTheDoor() {
    const stage: Stage = await connect({ variables: { OAUTH_ISSUER: issuer.url } });
    stage.variables.DESK_OAUTH_CLIENT_ID = await register(`${stage.host.url}/desk`);
    const page = emptyPage();
    await page.setExtraHTTPHeaders({ 'x-consent': ALL });
    const requests: string[] = [];
    page.on('request', (request: Request) => requests.push(request.url()));
    await page.goto(`${stage.host.url}/desk`);
    await page.locator('.door').waitFor();
    return {
      stage,
      page,
      requests,
      tokenRequests: () => requests.filter((url) => url === `${issuer.url}/token`).length,
    };
  }

  function emptyPage(): Page {
    onTestFinished(async () => {
      page.removeAllListeners();
      await page.unrouteAll();
      await page.setExtraHTTPHeaders({});
      await page.context().clearCookies();
      await page.goto('about:blank');
    });
    return page;
  }

  async function signedIn(page: Page): Promise<void> {
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
  }

  /** Makes the desk known to the issuer, as an administrator does. */
  async function register(redirectUri: string): Promise<string> {
    const response = await fetch(`${issuer.url}/reg`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        application_type: 'native',
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
        scope: ALL,
      }),
    });
    const { client_id } = (await response.json()) as { client_id?: string };
    if (!client_id) throw new Error('The issuer does not take the desk.');
    return client_id;
  }
});
