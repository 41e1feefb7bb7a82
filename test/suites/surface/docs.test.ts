import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../cli/functions-process.ts';

const PAGES = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'AGENTS.md', 'test/README.md'];

test.each(PAGES)('every file that %s names is there', (page) => {
  const text = readFileSync(join(root, page), 'utf8');
  const paths = [...text.matchAll(/`((?:functions|test|assets|docs|\.ci|\.github)\/[\w./-]+)`/g)];
  expect(paths.map(([, path = '']) => path).filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('every folder of tests is on the map', () => {
  const map = readFileSync(join(root, 'test/README.md'), 'utf8');
  const onMap = [...map.matchAll(/^\| `([\w/-]+)\/` \|/gm)].map(([, folder = '']) => folder);
  const folders = ['', 'cli', 'labs', 'simulator', 'suites'].flatMap((parent) =>
    readdirSync(join(root, 'test', parent), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(parent, name)),
  );
  expect(onMap.sort()).toEqual(folders.sort());
});
