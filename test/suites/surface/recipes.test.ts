import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { TOOL_DEFINITIONS } from '../../../functions/mcp/tools/definitions.ts';

const root = new URL('../../../', import.meta.url);
const clients = new URL('test/labs/clients/', root);
const readme = readFileSync(new URL('README.md', root), 'utf8');

/** What the clients need besides. */
const SUPPORT = ['node', 'zod', '@langchain/core', '@mastra/core', '@opentelemetry/sdk-trace-node'];

/** The README's blocks of code in a language. */
function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, code = '']) => code,
  );
}

/** Code without what a formatter or a writer of comments would change. */
function bare(code: string): string {
  return code
    .replace(/^ *\/\/.*$/gm, '')
    .replace(/\s+/g, '')
    .replace(/,(?=[)\]}])/g, '');
}

test("the README's code for SDKs is what the clients of npm run test:clients run", () => {
  const programs = readdirSync(new URL('clients/', clients))
    .map((name) => bare(readFileSync(new URL(`clients/${name}`, clients), 'utf8')))
    .join('\n');
  const statements = blocks('ts')[0]?.split(/;\n/).map(bare).filter(Boolean) ?? [];
  expect(statements.length).toBeGreaterThan(6);
  for (const statement of statements) expect(programs).toContain(statement);
});

test('the README names the versions of the clients that are run', () => {
  const { dependencies } = JSON.parse(readFileSync(new URL('package.json', clients), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const [name, version] of Object.entries(dependencies)) {
    if (SUPPORT.includes(name)) continue;
    // An older version beside the newest has a name of its own: `npm:@scope/name@1.2.3`.
    const [, real = name, exact = version] = /^npm:(.+)@([\d.]+)$/.exec(version) ?? [];
    const shown = real === '@modelcontextprotocol/inspector' ? 'MCP Inspector (CLI)' : `\`${real}\``;
    expect(readme).toContain(`| ${shown} | ${exact} |`);
  }
  const pinned = [...readme.matchAll(/([@\w/-]*(?:inspector|mcp-remote))@([\d.]+)/g)];
  expect(pinned.length).toBeGreaterThan(1);
  for (const [, name = '', version] of pinned) expect([name, version]).toEqual([name, dependencies[name]]);
});

test('the README has a person approve the charge, and nothing else', () => {
  const [, list = ''] = /tool_names: \[([^\]]*)\]/.exec(readme) ?? [];
  const unasked = [...list.matchAll(/'(\w+)'/g)].map(([, name]) => name);
  const names = TOOL_DEFINITIONS.map(({ name }) => name);
  expect([...unasked, 'completePaymentCapture'].sort()).toEqual(names.sort());
});

test("the README's files for clients are JSON", () => {
  const files = blocks('json');
  expect(files.length).toBeGreaterThan(4);
  for (const text of files) expect(() => JSON.parse(text)).not.toThrow();
});
