import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runTwilioRun } from '../../cli/deploy/tool.ts';
import { root } from '../../cli/functions-process.ts';
import { redirectPath, startSimulator } from '../../simulator/index.ts';
import { deployed } from './deploys.ts';
import { copyProject } from './project.ts';
import { Report } from './report.ts';

/** Has the real tool deploy this project with something changed; gives what the rehearsal says of it. */
async function rehearse(change: (folder: string) => void, wanted: Record<string, string> = {}) {
  const simulator = await startSimulator();
  const project = copyProject(root);
  onTestFinished(async () => {
    project.remove();
    await simulator.close();
  });
  const { accountSid, authToken } = simulator.credentials;
  const variables = { ACCOUNT_SID: accountSid, AUTH_TOKEN: authToken, MCP_AUTH_TOKEN: 'a-token' };
  project.writeEnv(variables);
  change(project.folder);
  const deploy = () =>
    runTwilioRun(['deploy'], {
      cwd: project.folder,
      preload: [redirectPath],
      env: { TWILIO_SIMULATOR_URL: simulator.url },
    });
  const rehearsed = { simulator, project, report: new Report() };
  return deployed(rehearsed, 'changed', deploy, { ...variables, ...wanted });
}

test('the rehearsal passes the project as it is', async () => {
  const { functions } = await rehearse(() => undefined);
  expect(functions.map(({ path }) => path)).toContain('/payment-status');
});

test.each<[string, (folder: string) => void, string]>([
  [
    'a Function needs a file beside it',
    (folder) => appendFileSync(join(folder, 'dist/functions/mcp.js'), ';require("./money");'),
    '/mcp needs ./money',
  ],
  [
    'a dependency is a range',
    (folder) => {
      const file = join(folder, 'package.json');
      writeFileSync(file, readFileSync(file, 'utf8').replace('"twilio": "', '"twilio": "^'));
    },
    'twilio is given as ^',
  ],
  [
    'a callback is unprotected',
    (folder) => {
      const path = join(folder, 'dist/functions/payment-status');
      renameSync(`${path}.protected.js`, `${path}.js`);
    },
    'Function /payment-status is public, not protected',
  ],
])('the rehearsal fails when %s', async (_, change, problem) => {
  await expect(rehearse(change)).rejects.toThrow(problem);
});

test('the rehearsal fails when a variable is missing', async () => {
  await expect(rehearse(() => undefined, { CURRENCY: 'USD' })).rejects.toThrow('CURRENCY is missing');
});
