import { readFileSync, writeFileSync } from 'node:fs';
import { TOOL_DEFINITIONS } from '../../../functions/mcp/tools/definitions.ts';
import { TOOLS } from '../../../functions/mcp/tools/index.ts';

const README = new URL('../../../README.md', import.meta.url);
const SECTION = /(<!-- tools -->\n)[\s\S]*?(<!-- \/tools -->)/;

/** The README's table of tools, made from their definitions. */
export function toolTable(): string {
  const rows = TOOL_DEFINITIONS.map(({ name, description, inputSchema }, i) => {
    const required = (inputSchema.required as string[] | undefined) ?? [];
    const inputs = Object.keys(inputSchema.properties ?? {}).map((input) =>
      required.includes(input) ? `\`${input}\`` : `\`${input}\`?`,
    );
    return `| \`${name}\` | ${inputs.join(', ')} | ${description} | \`${TOOLS[i]?.scope}\` |`;
  });
  return ['| tool | arguments | what it does | scope |', '|---|---|---|---|', ...rows, ''].join('\n');
}

/** The README as it should be. */
export function readmeWithTable(): { is: string; shouldBe: string } {
  const is = readFileSync(README, 'utf8');
  return { is, shouldBe: is.replace(SECTION, (_, open, close) => `${open}\n${toolTable()}\n${close}`) };
}

export function updateReadme(): void {
  writeFileSync(README, readmeWithTable().shouldBe);
}
