import { readdirSync, readFileSync } from 'node:fs';

const root = new URL('../../../', import.meta.url);

/** The pages that a user reads, by their path. */
export const USER_PAGES = [
  'README.md',
  'SECURITY.md',
  ...readdirSync(new URL('docs/', root))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** All pages. */
export const PAGES = [...USER_PAGES, 'CONTRIBUTING.md', 'CHANGELOG.md', 'AGENTS.md', 'test/README.md'];

export function textOf(page: string): string {
  return readFileSync(new URL(page, root), 'utf8');
}

/** The blocks of code of a text in one language. */
export function blocksOf(text: string, language: string): string[] {
  const fences = new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\`$`, 'gm');
  return [...text.matchAll(fences)].map(([, indent = '', code = '']) =>
    code.replace(new RegExp(`^${indent}`, 'gm'), ''),
  );
}

/** A text without its blocks of code. */
export function proseOf(text: string): string {
  return text.replace(/^ *```[\s\S]*?^ *```$/gm, '');
}

/** What GitHub makes of a heading: small letters, no signs but dashes, a number at the end of what comes again. */
export function anchorsOf(text: string): string[] {
  const counts = new Map<string, number>();
  return [...proseOf(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
    const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = words.replace(/[^\p{L}\p{N} _-]/gu, '').replace(/ /g, '-');
    const count = counts.get(anchor) ?? 0;
    counts.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  });
}
