import { execFile } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { LANGUAGES } from '../../../functions/payments/advice/sentences.ts';
import { handlerProblem } from '../../cli/handler-version.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const functions = join(root, 'dist/functions');
const assets = join(root, 'dist/assets');

/** Everything that is deployed as a Function, and how large it may be in bytes. */
const ENDPOINTS = {
  '.well-known/oauth-protected-resource.js': 8_200,
  '.well-known/oauth-protected-resource/mcp.js': 8_200,
  'desk-client.js': 8_000,
  'desk.js': 10_000,
  'health.js': 20_200,
  'mcp.js': 280_000,
  'payment-status.protected.js': 150_000,
} as const;
const endpoints = Object.keys(ENDPOINTS);

beforeAll(() => {
  if (!existsSync(functions)) throw new Error('There is no dist: run npm run build first, or npm test.');
});

/** All files below a folder, in alphabetical order. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

function read(name: string): string {
  return readFileSync(join(root, name), 'utf8');
}

test('the Functions that are deployed are exactly the endpoints', () => {
  expect(filesIn(functions)).toEqual([...endpoints].sort());
});

test.each(Object.entries(ENDPOINTS))('%s is small enough to load fast', (name, limit) => {
  expect(statSync(join(functions, name)).size).toBeLessThan(limit);
});

test.each(endpoints)('%s needs nothing but Node and twilio', (name) => {
  const source = readFileSync(join(functions, name), 'utf8');
  const needed = [...source.matchAll(/\b(?:require|import)\((["'])([^"']+)\1\)/g)].map(
    ([, , module]) => module,
  );
  for (const module of needed) {
    expect(['twilio', ...builtinModules, ...builtinModules.map((builtin) => `node:${builtin}`)]).toContain(
      module,
    );
  }
});

test.each(endpoints)('%s holds no path of the machine that built it and no secret', (name) => {
  const source = readFileSync(join(functions, name), 'utf8');
  expect(source).not.toContain(root);
  expect(source).not.toMatch(/sourceMappingURL|\/home\/|\/Users\/|TWILIO_SIMULATOR/);
});

/** Loads a file, then says what it exports and what it has started. */
const LOAD = `
const { createHook } = require('node:async_hooks');
// Opened by whoever asks first, which says nothing about that.
process.stdout, process.stderr;
const before = process.getActiveResourcesInfo();
const started = new Set();
createHook({
  init(_, type) {
    if (/Timeout|Immediate|TCP|TLS|UDP|PIPE|HTTP|DNS|ADDRINFO|FSEVENT|STATWATCHER|PROCESS|WORKER|SIGNAL/i.test(type)) started.add(type);
  },
}).enable();
const loaded = require(process.argv[1]);
const result = {
  exports: Object.keys(loaded),
  modules: Object.keys(require.cache).length,
  handler: typeof loaded.handler,
  started: [...started],
  waitsFor: process.getActiveResourcesInfo().slice(before.length),
};
require('node:fs').writeSync(1, JSON.stringify(result));
`;

test.each(endpoints)(
  '%s loads where only the dependencies of package.json are installed, and starts nothing',
  async (name) => {
    const folder = mkdtempSync(join(tmpdir(), 'deployed-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    for (const dependency of Object.keys(dependencies)) {
      const link = join(folder, 'node_modules', dependency);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(root, 'node_modules', dependency), link, 'dir');
    }
    const file = join(folder, basename(name));
    copyFileSync(join(functions, name), file);

    // A process that something keeps alive is ended by the time limit, which fails the test.
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['-e', LOAD, file], {
      cwd: folder,
      timeout: 10_000,
      env: { PATH: process.env.PATH },
    });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      exports: ['handler'],
      // The file alone: `twilio` is loaded with the first request to Twilio.
      modules: 1,
      handler: 'function',
      started: [],
      waitsFor: [],
    });
  },
);

test('the assets are prompts and sentences, which only Functions can read, the page at the root, its icon, and the payment desk', () => {
  const prompts = [
    'card-number.private.md',
    'completion.private.md',
    'error.private.md',
    'expiration-date.private.md',
    'finish-capture.private.md',
    'security-code.private.md',
    'sentences.de.private.json',
    'sentences.en-GB.private.json',
    'sentences.en.private.json',
    'sentences.es.private.json',
    'sentences.fr.private.json',
    'sentences.it.private.json',
    'sentences.nl.private.json',
    'sentences.pt.private.json',
    'sentences.zh.private.json',
    'start-capture.private.md',
  ];
  const deployed = filesIn(assets);
  expect(deployed.filter((name) => name.startsWith('prompts/'))).toEqual(
    prompts.map((name) => `prompts/${name}`),
  );
  expect(deployed.filter((name) => !name.startsWith('prompts/'))).toEqual([
    'assets/index.html',
    'desk.private.html',
    'icon.svg',
  ]);
  for (const name of deployed.filter((one) => one !== 'desk.private.html')) {
    expect(readFileSync(join(assets, name))).toEqual(readFileSync(join(root, 'assets', name)));
    expect(statSync(join(assets, name)).size).toBeGreaterThan(0);
    // What the toolkit accepts as a path.
    expect(name).toMatch(/^[\w./-]{1,200}$/);
  }
});

test('no sentence is built in: an operator changes a file, and needs no build', () => {
  // The bundler writes other letters as escapes.
  const bundle = readFileSync(join(functions, 'mcp.js'), 'utf8').replace(
    /\\(?:u([0-9a-f]{4})|x([0-9a-f]{2}))/gi,
    (_, long, short) => String.fromCharCode(Number.parseInt(long ?? short, 16)),
  );
  for (const language of LANGUAGES) {
    const file = `assets/prompts/sentences.${language}.private.json`;
    const sentences = Object.values(JSON.parse(read(file)) as Record<string, string>);
    expect([language, sentences.filter((words) => words.length > 30 && bundle.includes(words))]).toEqual([
      language,
      [],
    ]);
  }
});

test('the page at the root is complete in itself and holds no token', () => {
  const page = readFileSync(join(assets, 'assets/index.html'), 'utf8');
  expect(page).toMatch(/^<!doctype html>/i);
  expect(page).not.toMatch(/<(?:script|link|img)[^>]+(?:src|href)="(?:https?:)?\/\//);
  expect(page).not.toMatch(/\b(?:AC|SK|CA|PK)[0-9a-f]{32}\b/);
});

test('the icon is a small drawing, of the kind that clients are told', () => {
  const icon = readFileSync(join(assets, 'icon.svg'), 'utf8');
  expect(icon).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 32 32">/);
  expect(icon).not.toMatch(/<script|\bon\w+=|href=|<image/);
  expect(icon.length).toBeLessThan(1_000);
});

interface Package {
  name: string;
  private: boolean;
  license: string;
  type?: string;
  engines: { node: string };
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

test('Twilio installs two dependencies, and every version is exact', () => {
  const { dependencies, devDependencies, ...rest } = JSON.parse(read('package.json')) as Package;
  expect(dependencies).toEqual({
    '@twilio/runtime-handler': expect.any(String),
    twilio: expect.stringMatching(/^\d+\.\d+\.\d+$/),
  });
  for (const version of Object.values(devDependencies))
    expect(version).toMatch(/^\d+\.\d+\.\d+(?:-[\w.]+)?$/);
  for (const kind of ['peerDependencies', 'optionalDependencies', 'overrides', 'bundleDependencies']) {
    expect(rest).not.toHaveProperty(kind);
  }
  for (const contract of ['@modelcontextprotocol/sdk', 'zod', 'twilio-run']) {
    expect(devDependencies).toHaveProperty([contract]);
  }
});

test('the platform has the runtime handler that is pinned, for the runtime that is named', () => {
  expect(handlerProblem(root)).toBeUndefined();
});

test.each([
  ['2.0.1', 'node22', undefined],
  ['2.0.1', 'node24', undefined],
  ['1.3.1', 'node20', undefined],
  ['2.1.0', 'node22', /2\.1\.0 and would refuse the build with error 20001.*pin 2\.0\.1/],
  ['2.0.3', 'node22', /2\.0\.3 and would refuse/],
  ['2.1.2', 'node22', /2\.1\.2 and would refuse/],
  ['^2.0.1', 'node22', /exact version, such as 2\.0\.1/],
  [undefined, 'node22', /no @twilio\/runtime-handler/],
  ['2.0.1', 'node18', /node18: builds are made for node20, node22, node24/],
])(
  'of the runtime handler %s on %s a deploy is told what the platform makes of it',
  (version, runtime, problem) => {
    const folder = mkdtempSync(join(tmpdir(), 'handler-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const dependencies = version === undefined ? {} : { '@twilio/runtime-handler': version };
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ dependencies }));
    writeFileSync(join(folder, '.twilioserverlessrc'), JSON.stringify({ runtime }));
    const said = handlerProblem(folder);
    if (problem) expect(said).toMatch(problem);
    else expect(said).toBeUndefined();
  },
);

test('what is installed is what package.json and the lock file say', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Package;
  const lock = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, Partial<Package> & { version?: string }>;
  };
  expect(lock.packages['']).toMatchObject({ dependencies, devDependencies });
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    expect([name, lock.packages[`node_modules/${name}`]?.version]).toEqual([name, version]);
  }
});

test('the package builds by itself, runs on Node 20 and up, and deploys what it built', () => {
  const { name, engines, scripts, license, ...rest } = JSON.parse(read('package.json')) as Package;
  expect(name).toMatch(/^[a-z][a-z0-9-]{0,49}$/);
  expect(engines).toEqual({ node: '>=20' });
  expect([rest.private, license]).toEqual([true, 'MIT']);
  // The build is CommonJS, which is all that Functions load.
  expect(rest.type ?? 'commonjs').toBe('commonjs');
  expect(read('.nvmrc').trim()).toBe('22');
  expect(scripts).toMatchObject({ prepare: 'npm run build', pretest: 'npm run build' });
  for (const script of ['build', 'start', 'test', 'demo', 'deploy', 'doctor', 'lint', 'typecheck']) {
    expect(scripts).toHaveProperty(script);
  }
});

test('the toolkit is told to deploy dist on Node 22', () => {
  const withoutComments = read('.twilioserverlessrc').replace(/^\s*\/\/.*$/gm, '');
  expect(JSON.parse(withoutComments)).toEqual({
    functionsFolder: 'dist/functions',
    assetsFolder: 'dist/assets',
    runtime: 'node22',
  });
});
