import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { drive, type Facts } from '../drive.ts';

const cli = fileURLToPath(import.meta.resolve('mcporter/cli'));

await drive(async ({ url, token }) => {
  const config = join(homedir(), 'mcporter.json');
  const payments = { baseUrl: url, headers: { Authorization: `Bearer ${token}` } };
  writeFileSync(config, JSON.stringify({ mcpServers: { payments } }));

  /** `npx mcporter --config FILE COMMAND ...`. Throws what it prints if a tool fails: it ends with 1 then. */
  const run = async (...command: string[]): Promise<Facts> => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      cli,
      '--config',
      config,
      ...command,
    ]).catch((error) => Promise.reject(new Error(error.stdout || error.stderr)));
    return JSON.parse(stdout);
  };
  return {
    listTools: async () => (await run('list', 'payments', '--json')).tools as { name: string }[],
    listResources: async () => (await run('resource', 'payments', '--json')).resources as { uri: string }[],
    readResource: async (uri) => JSON.stringify(await run('resource', 'payments', uri, '--json')),
    // What looks like a number is sent as one. The structured facts are what is printed.
    callTool: (name, args) => {
      const pairs = Object.entries(args).map(([key, value]) => `${key}=${value}`);
      return run('call', `payments.${name}`, '--output', 'json', ...pairs);
    },
    close: async () => undefined,
  };
});
