/** Builds the payment desk: one HTML file of its own, a private asset that a page and a chat both get. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import { build, transform } from 'esbuild';

/** The most that the page may be, in bytes: it is read at each opening, in a chat by way of the model's host. */
const MAX_BYTES = 60_000;
/** Browsers with container queries, light-dark() and DecompressionStream. */
const target = ['es2022', 'chrome123', 'safari17.5', 'firefox125'];

/** The parts of the style, in the order in which later rules win. */
const STYLES = ['base', 'head', 'fields', 'results', 'foot', 'lists', 'forms', 'widths'];

/** @returns the file that was written. */
export async function buildDesk(out = 'dist/assets/desk.private.html') {
  const common = { bundle: true, minify: true, write: false, legalComments: 'none', target };
  const [main, css, loader] = await Promise.all([
    build({ ...common, entryPoints: ['functions/desk/main.ts'], format: 'iife', platform: 'browser' }),
    transform(styles(), { loader: 'css', minify: true, target }),
    transform(readFileSync('functions/desk/loader.js', 'utf8'), { minify: true, format: 'iife', target }),
  ]);
  const [style, script, start] = [css.code, main.outputFiles[0].text, loader.code].map((text) => text.trim());
  // Small blocks, each with codes of its own: style, script and languages differ. It saves 2 %.
  const packed = deflateRawSync([style, script, words()].join('\0'), { level: 9, memLevel: 6 });
  const hashes = { script: [hashOf(start), hashOf(script)], style: [hashOf(style)] };

  let html = readFileSync('functions/desk/page.html', 'utf8').replace(/\n(?=<)/g, '');
  const put = (place, value) => {
    if (html.split(place).length !== 2) throw new Error(`The desk's page must have ${place} once.`);
    html = html.replace(place, () => value);
  };
  put('name="desk-hashes" content=""', `name="desk-hashes" content='${JSON.stringify(hashes)}'`);
  put('id="alphabet"></script>', `id="alphabet">${ALPHABET}</script>`);
  put('id="packed"></script>', `id="packed" data-bytes="${packed.length}">${textOf(packed)}</script>`);
  put('<script></script>', `<script>${start}</script>`);

  const bytes = Buffer.byteLength(html);
  if (bytes > MAX_BYTES) throw new Error(`The desk has ${bytes} bytes, more than ${MAX_BYTES}.`);
  if (/\bhttps?:\/\/(?!www\.w3\.org\/)/.test(style + script)) throw new Error('The desk names another host.');
  mkdirSync('dist/assets', { recursive: true });
  writeFileSync(out, html);
  return out;
}

function styles() {
  const unlisted = readdirSync('functions/desk/style').filter(
    (file) => !STYLES.includes(file.replace('.css', '')),
  );
  if (unlisted.length > 0) throw new Error(`The desk's style leaves out ${unlisted.join(', ')}.`);
  return STYLES.map((name) => readFileSync(`functions/desk/style/${name}.css`, 'utf8')).join('\n');
}

const wordsOf = (file) => JSON.parse(readFileSync(`functions/desk/words/${file}`, 'utf8'));

/** Related languages stand together, which packs better. */
const LANGUAGES = ['en', 'de', 'nl', 'fr', 'it', 'es', 'pt', 'zh'];

/** The desk's words in all languages: the names once, then those of each language in the same order, a line each. */
function words() {
  const names = Object.keys(wordsOf('en.json'));
  const files = readdirSync('functions/desk/words').filter((file) => file.endsWith('.json'));
  const unlisted = files.filter((file) => !LANGUAGES.includes(file.replace('.json', '')));
  if (unlisted.length > 0) throw new Error(`The desk's languages lack ${unlisted.join(', ')}.`);
  const lists = LANGUAGES.map((language) => {
    const given = wordsOf(`${language}.json`);
    const wrong = Object.keys(given).filter((name) => !names.includes(name));
    const missing = names.filter((name) => !given[name]);
    if (wrong.length + missing.length > 0)
      throw new Error(`${language}: ${[...wrong, ...missing].join(', ')}`);
    return [language, ...names.map((name) => given[name])];
  });
  return [['names', ...names], ...lists].map((list) => list.join('\n')).join('\f');
}

/** The characters that stand for themselves in a script element, whatever their order. */
const ALPHABET = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i))
  .filter((character) => !'<>&'.includes(character))
  .join('');

/** Bytes as text, two characters for 13 bits, or for 14 if these are small (basE91): a quarter more, not a third. */
function textOf(bytes) {
  let text = '';
  let bits = 0;
  let held = 0;
  const write = (value) => {
    text += ALPHABET[value % 91] + ALPHABET[Math.floor(value / 91)];
  };
  for (const byte of bytes) {
    held |= byte << bits;
    bits += 8;
    if (bits <= 13) continue;
    const isSmall = (held & 8191) <= 88;
    write(held & (isSmall ? 16_383 : 8191));
    held >>= isSmall ? 14 : 13;
    bits -= isSmall ? 14 : 13;
  }
  if (bits > 0) write(held);
  return text;
}

const hashOf = (text) => `sha256-${createHash('sha256').update(text).digest('base64')}`;
