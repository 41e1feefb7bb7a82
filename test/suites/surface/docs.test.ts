import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../cli/functions-process.ts';
import { generatedPages } from './generated-sections.ts';
import { anchorsOf, PAGES, proseOf, textOf, USER_PAGES } from './pages.ts';

const MAX_README_WORDS = 1_500;

test.each(PAGES)('every file that %s names is there', (page) => {
  const paths = [...textOf(page).matchAll(/`((?:functions|test|assets|docs|\.ci|\.github)\/[\w./-]+)`/g)];
  expect(paths.map(([, path = '']) => path).filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test.each(PAGES)('every link of %s leads somewhere', (page) => {
  const targets = [...proseOf(textOf(page)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  const broken = targets.filter((target) => {
    if (/^https:\/\//.test(target)) return !URL.canParse(target);
    const [path = '', anchor] = target.split('#');
    const file = path ? normalize(join(dirname(page), path)) : page;
    if (!existsSync(join(root, file))) return true;
    return anchor !== undefined && !anchorsOf(textOf(file)).includes(anchor);
  });
  expect(broken).toEqual([]);
});

test('the README is short, and each page of docs/ is one click from it', () => {
  const readme = textOf('README.md');
  expect(readme.split(/\s+/).length).toBeLessThanOrEqual(MAX_README_WORDS);
  const pages = USER_PAGES.filter((page) => page !== 'README.md');
  expect(pages.filter((page) => !readme.includes(`](${page}`))).toEqual([]);
});

test.each(generatedPages())(
  'what is generated in $page is what the code says (npm run docs)',
  (generated) => {
    expect(generated.is).toBe(generated.shouldBe);
  },
);

test('every folder of tests is on the map', () => {
  const map = textOf('test/README.md');
  const onMap = [...map.matchAll(/^\| `([\w/-]+)\/` \|/gm)].map(([, folder = '']) => folder);
  const folders = ['', 'cli', 'labs', 'simulator', 'suites'].flatMap((parent) =>
    readdirSync(join(root, 'test', parent), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(parent, name)),
  );
  expect(onMap.sort()).toEqual(folders.sort());
});
