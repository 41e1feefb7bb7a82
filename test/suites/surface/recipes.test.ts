import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { TOOL_DEFINITIONS } from '../../../functions/mcp/tools/definitions.ts';
import { cursorLink, vsCodeLink } from '../../cli/install-links.ts';
import { blocksOf, textOf, USER_PAGES } from './pages.ts';

const root = new URL('../../../', import.meta.url);
const clients = new URL('test/labs/clients/', root);
const page = textOf('docs/clients.md');

/** What the clients need besides. */
const SUPPORT = ['node', 'zod', '@langchain/core', '@mastra/core', '@opentelemetry/sdk-trace-node'];

interface Entry {
  name?: string;
  type?: string;
  url?: string;
  headers?: Record<string, string>;
}
/** A file that a client reads. */
interface ClientFile {
  inputs?: { id: string }[];
  servers?: Record<string, Entry>;
  mcpServers?: Record<string, Entry>;
}

/** Code without what a formatter or a writer of comments would change. */
function bare(code: string): string {
  return code
    .replace(/^ *\/\/.*$/gm, '')
    .replace(/\s+/g, '')
    .replace(/,(?=[)\]}])/g, '');
}

test('the code for SDKs is what the clients of npm run test:clients run', () => {
  const programs = readdirSync(new URL('clients/', clients))
    .map((name) => bare(readFileSync(new URL(`clients/${name}`, clients), 'utf8')))
    .join('\n');
  const statements = blocksOf(page, 'ts')[0]?.split(/;\n/).map(bare).filter(Boolean) ?? [];
  expect(statements.length).toBeGreaterThan(6);
  for (const statement of statements) expect(programs).toContain(statement);
});

test('the page names the versions of the clients that are run', () => {
  const { dependencies } = JSON.parse(readFileSync(new URL('package.json', clients), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const [name, version] of Object.entries(dependencies)) {
    if (SUPPORT.includes(name)) continue;
    // An older version beside the newest has a name of its own: `npm:@scope/name@1.2.3`.
    const [, real = name, exact = version] = /^npm:(.+)@([\d.]+)$/.exec(version) ?? [];
    const shown = real === '@modelcontextprotocol/inspector' ? 'MCP Inspector (CLI)' : `\`${real}\``;
    expect(page).toContain(`| ${shown} | ${exact} |`);
  }
  const pinned = [...page.matchAll(/([@\w/-]*(?:inspector|mcp-remote))@([\d.]+)/g)];
  expect(pinned.length).toBeGreaterThan(1);
  for (const [, name = '', version] of pinned) expect([name, version]).toEqual([name, dependencies[name]]);
});

test('the recipe for the Responses API has a person approve the charge, and nothing else', () => {
  const [, list = ''] = /tool_names: \[([^\]]*)\]/.exec(page) ?? [];
  const unasked = [...list.matchAll(/'(\w+)'/g)].map(([, name]) => name);
  const names = TOOL_DEFINITIONS.map(({ name }) => name);
  expect([...unasked, 'completePaymentCapture'].sort()).toEqual(names.sort());
});

test.each(USER_PAGES)('what is JSON in %s can be read as JSON', (name) => {
  for (const text of blocksOf(textOf(name), 'json')) expect(() => JSON.parse(text)).not.toThrow();
});

test('one click adds to VS Code and Cursor what their files would hold', () => {
  const files = blocksOf(page, 'json').map((text) => JSON.parse(text) as ClientFile);
  const vsCode = files.find(({ servers }) => servers);
  const cursor = files.find(({ mcpServers }) =>
    mcpServers?.['agent-pay']?.headers?.Authorization?.includes('env:'),
  );
  const url = 'https://NAME.twil.io/mcp';

  const opened = new URL(new URL(vsCodeLink(url)).searchParams.get('url') ?? '');
  expect(`${opened.protocol}${opened.pathname}`).toBe('vscode:mcp/install');
  const added = JSON.parse(decodeURIComponent(opened.search.slice(1))) as ClientFile & Entry;
  const [id] = added.inputs?.map((input) => input.id) ?? [];
  const { inputs, name, ...entry } = added;
  expect(name).toBe('agent-pay');
  expect(inputs).toMatchObject([{ type: 'promptString', password: true }]);
  expect(entry).toEqual({
    ...vsCode?.servers?.['agent-pay'],
    headers: { Authorization: `Bearer \${input:${id}}` },
  });

  const { searchParams } = new URL(cursorLink(url));
  const config = Buffer.from(searchParams.get('config') ?? '', 'base64').toString();
  expect([searchParams.get('name'), JSON.parse(config)]).toEqual([
    'agent-pay',
    cursor?.mcpServers?.['agent-pay'],
  ]);
});
