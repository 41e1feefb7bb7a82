import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as z from 'zod';
import packageJson from '../../../package.json' with { type: 'json' };
import { connect } from '../host/connect.ts';

/*
 * server.json as the MCP registry takes it: the rules of
 * https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json that apply to a server with remotes alone.
 * Members that the schema does not name are refused here, because they would be a slip.
 */
const input = z.strictObject({
  description: z.string().optional(),
  isRequired: z.boolean().optional(),
  isSecret: z.boolean().optional(),
  format: z.enum(['string', 'number', 'boolean', 'filepath']).optional(),
  default: z.string().optional(),
  placeholder: z.string().optional(),
  value: z.string().optional(),
  choices: z.array(z.string()).optional(),
});
const header = input.extend({ name: z.string(), variables: z.record(z.string(), input).optional() });
const serverFile = z.strictObject({
  $schema: z.literal('https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json'),
  name: z
    .string()
    .min(3)
    .max(200)
    .regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/),
  title: z.string().min(1).max(100).optional(),
  description: z.string().min(1).max(100),
  version: z
    .string()
    .max(255)
    .regex(/^\d+\.\d+\.\d+$/),
  websiteUrl: z.url().optional(),
  repository: z.strictObject({ url: z.url(), source: z.string() }).optional(),
  remotes: z.array(
    z.strictObject({
      type: z.literal('streamable-http'),
      url: z.string(),
      variables: z.record(z.string(), input).optional(),
      headers: z.array(header).optional(),
    }),
  ),
});

const readServerFile = () =>
  serverFile.parse(JSON.parse(readFileSync(new URL('../../../server.json', import.meta.url), 'utf8')));

/** The names in braces of a template. */
const open = (template = '') => [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);

test('server.json is what the MCP registry takes, in the version of the package', () => {
  const { version, remotes } = readServerFile();
  expect(version).toBe(packageJson.version);
  for (const { url, variables, headers = [] } of remotes) {
    expect(open(url)).toEqual(Object.keys(variables ?? {}));
    for (const one of headers) expect(open(one.value)).toEqual(Object.keys(one.variables ?? {}));
    expect(headers).toMatchObject([{ name: 'Authorization', isRequired: true, isSecret: true }]);
    expect(headers[0]?.variables?.token).toMatchObject({ isRequired: true, isSecret: true });
  }
});

test('with a domain and a token put in, server.json leads to the tools', async () => {
  const { host, variables } = await connect();
  const [remote] = readServerFile().remotes;
  const url = remote?.url.replace('{domain}', new URL(host.url).host).replace(/^https/, 'http') ?? '';
  const [authorization] = remote?.headers ?? [];
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      [authorization?.name ?? '']:
        authorization?.value?.replace('{token}', variables.MCP_AUTH_TOKEN ?? '') ?? '',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  });
  expect(JSON.stringify(await response.json())).toContain('startPaymentCapture');
});
