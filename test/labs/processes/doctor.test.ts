import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { toEnvText, type Variables } from '../../cli/environment.ts';
import { redirectPath } from '../../simulator/index.ts';
import { ALL_CHECKS, expectNoSecret, openClinic } from '../../suites/doctor/clinic.ts';

describe('the doctor as a program', () => {
  const doctor = fileURLToPath(new URL('../../cli/doctor.ts', import.meta.url));

  function run(args: string[], simulatorUrl = ''): Promise<{ code: number; output: string }> {
    const env = { ...process.env, TWILIO_SIMULATOR_URL: simulatorUrl };
    const nodeArgs = ['--import', 'tsx', '--require', redirectPath, doctor, ...args];
    return new Promise((resolve) => {
      execFile(process.execPath, nodeArgs, { env }, (error, stdout, stderr) => {
        resolve({ code: Number(error?.code ?? 0), output: stdout + stderr });
      });
    });
  }

  function envFile(variables: Variables): string {
    const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'env');
    writeFileSync(file, toEnvText(variables));
    return file;
  }

  test('it prints a line for each check, no secret, and ends with 0 where nothing failed', async () => {
    const { simulator, variables } = await openClinic();
    const { code, output } = await run(['--env', envFile(variables)], simulator.url);
    const lines = output.split('\n').filter((line) => /^ok +\w/.test(line));
    expect(lines).toHaveLength(ALL_CHECKS.length);
    expect(output).toContain(`${ALL_CHECKS.length} ok, 0 to look at, 0 failed, 0 not checked.`);
    expectNoSecret(output, variables);
    expect(code).toBe(0);
  });

  test('it ends with 1 where anything failed', async () => {
    const { simulator, variables, host } = await openClinic();
    const file = envFile({ ...variables, API_SECRET: 'wrong-secret', PUBLIC_URL: '' });
    const { code, output } = await run(['--env', file, '--url', host.url], simulator.url);
    expect(output).toMatch(/^failed +Credentials: Twilio refuses/m);
    expect(output).not.toContain('wrong-secret');
    expect(code).toBe(1);
  });

  test('with --watch it prints what failed, and nothing if nothing did', async () => {
    const { simulator, variables, host } = await openClinic();
    const file = envFile(variables);
    expect(await run(['--watch', '--env', file], simulator.url)).toEqual({ code: 0, output: '' });
    const elsewhere = ['--watch', '--env', 'no-such-file', '--url', `${host.url}/elsewhere`];
    const { code, output } = await run(elsewhere, simulator.url);
    expect([code, output]).toEqual([1, expect.stringMatching(/^Health: There is no http.*\n/)]);
  });

  test('it explains itself and what it was not given', async () => {
    const cases: [string, number, string][] = [
      ['--help', 0, 'npm run doctor'],
      ['--env=no-such-file', 1, 'Copy .env.example to .env'],
      ['--url=example.com', 1, '--url takes an address'],
      ['--fast', 1, 'See npm run doctor -- --help'],
    ];
    const results = await Promise.all(cases.map(([arg]) => run([arg])));
    expect(results).toEqual(cases.map(([, code, text]) => ({ code, output: expect.stringContaining(text) })));
  });
});
