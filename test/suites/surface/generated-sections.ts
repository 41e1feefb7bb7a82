import { readFileSync, writeFileSync } from 'node:fs';
import { TOOL_DEFINITIONS } from '../../../functions/mcp/tools/definitions.ts';
import { TOOLS } from '../../../functions/mcp/tools/index.ts';
import { cursorLink, vsCodeLink } from '../../cli/install-links.ts';

const root = new URL('../../../', import.meta.url);

/** Of `npm start` without options. */
const LOCAL_URL = 'http://localhost:3000/mcp';

/** A part of a page that is made from the code, between `<!-- name -->` and `<!-- /name -->`. */
interface Section {
  page: string;
  name: string;
  make(): string;
}

const SECTIONS: readonly Section[] = [
  { page: 'docs/tools.md', name: 'tools', make: toolTable },
  { page: 'docs/tools.md', name: 'start-arguments', make: startArguments },
  { page: 'docs/clients.md', name: 'install-links', make: installLinks },
  { page: 'docs/voice-agents.md', name: 'voice-agent', make: voiceAgent },
];

/** The tools with their arguments, as their definitions have them. */
function toolTable(): string {
  const rows = TOOL_DEFINITIONS.map(({ name, description, inputSchema }, i) => {
    const required = (inputSchema.required as string[] | undefined) ?? [];
    const inputs = Object.keys(inputSchema.properties ?? {}).map((input) =>
      required.includes(input) ? `\`${input}\`` : `\`${input}\`?`,
    );
    const shown =
      name === 'startPaymentCapture'
        ? '`callSid`, and [the terms](#what-a-payment-can-be)'
        : inputs.join(', ');
    return `| \`${name}\` | ${shown} | ${description} | \`${TOOLS[i]?.scope}\` |`;
  });
  return ['| tool | arguments | what it does | scope |', '|---|---|---|---|', ...rows].join('\n');
}

/** What an agent may say of a payment when it starts it. */
function startArguments(): string {
  const [start] = TOOL_DEFINITIONS.filter(({ name }) => name === 'startPaymentCapture');
  const properties = Object.entries((start?.inputSchema.properties ?? {}) as Record<string, Property>);
  const rows = properties.map(([name, property]) => {
    return `| \`${name}\` | ${valuesOf(property)} | ${property.description ?? ''} |`;
  });
  return ['| argument | value | what it is |', '|---|---|---|', ...rows].join('\n');
}

interface Property {
  type?: string;
  enum?: readonly string[];
  items?: Property;
  description?: string;
}

function valuesOf(property: Property): string {
  if (property.items) return `list of ${valuesOf(property.items)}`;
  return property.enum?.map((value) => `\`${value}\``).join(', ') ?? property.type ?? '';
}

function installLinks(): string {
  return [
    `[![Add to VS Code](https://img.shields.io/badge/VS_Code-Add_agent--pay-0098FF)](${vsCodeLink(LOCAL_URL)})`,
    `[![Add to Cursor](https://cursor.com/deeplink/mcp-install-dark.svg)](${cursorLink(LOCAL_URL)})`,
  ].join('\n');
}

function voiceAgent(): string {
  return `\`\`\`ts\n${readFileSync(new URL('docs/voice-agent.ts', root), 'utf8').trimEnd()}\n\`\`\``;
}

/** Each page with generated sections, as it is and as it should be. */
export function generatedPages(): { page: string; is: string; shouldBe: string }[] {
  const pages = [...new Set(SECTIONS.map(({ page }) => page))];
  return pages.map((page) => {
    const is = readFileSync(new URL(page, root), 'utf8');
    const sections = SECTIONS.filter((section) => section.page === page);
    return { page, is, shouldBe: sections.reduce(withSection, is) };
  });
}

/** @throws Error if the page has no place for the section, which would then never be brought up to date. */
function withSection(text: string, { page, name, make }: Section): string {
  const place = new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(<!-- /${name} -->)`);
  if (!place.test(text)) throw new Error(`${page} has no place for ${name}`);
  return text.replace(place, (_, open, close) => `${open}\n${make()}\n\n${close}`);
}

export function updatePages(): void {
  for (const { page, shouldBe } of generatedPages()) writeFileSync(new URL(page, root), shouldBe);
}
