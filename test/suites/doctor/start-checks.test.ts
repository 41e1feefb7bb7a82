/** What `npm start` says of the variables before it starts anything: `labs/processes` starts it. */
import { expect, test } from 'vitest';
import { checkVariables } from '../../cli/start-checks.ts';

const ACCOUNT = { ACCOUNT_SID: `AC${'0'.repeat(32)}`, AUTH_TOKEN: '0'.repeat(32) };

test('all that is wrong is told at once, each with its variable and in the file that was named', async () => {
  const variables = {
    ...ACCOUNT,
    CURENCY: 'EUR',
    MAX_CHARGE_AMOUNT: 'much',
    MCP_AUTH_TOKEN: 'two words',
    MCP_TOKENS: 'desk:rwc',
  };
  const error = (await checkVariables(variables, 'stage.env').catch((thrown: unknown) => thrown)) as Error;
  expect(error.message.split('\n')).toEqual([
    'Correct these in stage.env:',
    expect.stringMatching(/^ {2}MAX_CHARGE_AMOUNT is malformed: /),
    expect.stringMatching(/^ {2}CURENCY is not a variable .* Did you mean CURRENCY\?$/),
    expect.stringMatching(/^ {2}MCP_AUTH_TOKEN: It holds a blank, /),
    expect.stringMatching(/^ {2}MCP_TOKENS: 1 of 1 entries cannot be read .* in stage\.env\.$/),
  ]);
});

test('what can be read and lets nothing be charged is told, too', async () => {
  const variables = { ...ACCOUNT, CURRENCY: 'EUR', MAX_CHARGE_AMOUNT: 'USD 10' };
  expect(await checkVariables(variables, 'stage.env')).toEqual([
    expect.stringMatching(/^MAX_CHARGE_AMOUNT has no amount for EUR, .* Set it in stage\.env\.$/),
  ]);
  expect(await checkVariables({ ...ACCOUNT, CURRENCY: 'EUR' }, 'stage.env')).toEqual([]);
});
