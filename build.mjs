/** Builds what is deployed: one file per endpoint in dist/functions, and dist/assets. */
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { buildDesk } from './build-desk.mjs';

/** Endpoints are the files directly in functions/, and those at fixed paths below functions/.well-known/. */
const endpoints = [
  ...readdirSync('functions').map((name) => `functions/${name}`),
  ...readdirSync('functions/.well-known', { recursive: true }).map((name) => `functions/.well-known/${name}`),
].filter((name) => name.endsWith('.ts'));

/**
 * How often each step has changed something. A step that finds nothing fails the build: a package has moved what it
 * changes, and the cold start would grow unnoticed.
 */
const changes = {
  'leave out ajv': 0,
  'leave out zod/v3': 0,
  'leave out zod-to-json-schema': 0,
  'leave out JSON Schemas of zod': 0,
  'make schemas of the SDK lazily': 0,
  'load twilio late': 0,
  'put in the definitions of tools': 0,
};

/**
 * The MCP SDK loads these although this server never uses them: a JSON Schema validator, and zod 3 with its JSON
 * Schemas. Without them a cold start takes 12 ms of CPU less, and mcp.js has 135 kB less.
 */
const unused = {
  name: 'unused',
  setup({ onLoad, onResolve }) {
    const leaveOut = (step, filter) =>
      onResolve({ filter }, ({ path }) => {
        changes[step] += 1;
        return { path, namespace: 'unused' };
      });
    leaveOut('leave out ajv', /\/ajv-provider\.js$/);
    leaveOut('leave out zod/v3', /^zod\/v3$/);
    leaveOut('leave out zod-to-json-schema', /^zod-to-json-schema$/);
    // The definitions of tools have theirs from the build; no request makes any.
    leaveOut('leave out JSON Schemas of zod', /^\.\.\/core\/(?:to-json-schema|json-schema-processors)\.js$/);
    onLoad({ filter: /.*/, namespace: 'unused' }, () => ({
      contents:
        'export class AjvJsonSchemaValidator {}; export const object = undefined, zodToJsonSchema = undefined, createToJSONSchemaMethod = undefined, createStandardJSONSchemaMethod = () => undefined, toJSONSchema = undefined;',
    }));
  },
};

/**
 * Makes each schema of the MCP SDK when something of it is first asked for: they are 400 zod objects, of which a
 * request needs 80. Those that nothing uses are left out of the bundle. Takes 9 ms off a cold start, and a quarter of
 * its memory. (Our own schemas do the same by hand: functions/payments/lazy.ts.)
 */
const lazySdkSchemas = {
  name: 'lazy-sdk-schemas',
  setup({ onLoad }) {
    onLoad({ filter: /sdk\/dist\/esm\/types\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      // A statement at the top level ends before a line that is not indented and closes nothing.
      const schema = /^((?:export )?const \w+Schema = )([\s\S]*?);\n+(?![\s)\]}])/gm;
      const lazy = source.replace(schema, (_, declaration, value) => {
        changes['make schemas of the SDK lazily'] += 1;
        return `${declaration}/* @__PURE__ */ lazySchema(() => ${value});\n`;
      });
      return { contents: `${lazy}\n${lazySchema}` };
    });
  },
};

/** Stands for a schema until it is needed. */
function lazySchema(make) {
  let made;
  return new Proxy(
    {},
    {
      get: (_, name) => {
        made ??= make();
        return made[name];
      },
    },
  );
}

/**
 * Loads `twilio` when something of it is first asked for: 120 ms, which requests without a request to Twilio need not
 * pay for if the host has not loaded it. functions/ uses its members alone: it cannot be called itself.
 */
const lazyTwilio = {
  name: 'lazy-twilio',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^twilio$/ }, ({ path, namespace }) => {
      if (namespace === 'lazy') return { path, external: true };
      changes['load twilio late'] += 1;
      return { path, namespace: 'lazy' };
    });
    onLoad({ filter: /.*/, namespace: 'lazy' }, () => ({
      contents: `let twilio;
        export default new Proxy({}, { get: (_, name) => (twilio ??= require('twilio'))[name] });`,
    }));
  },
};

/** Puts the tools' definitions into the bundle as JSON: making them of schemas takes 8 ms of a cold start. */
const staticDefinitions = {
  name: 'static-definitions',
  setup({ onLoad }) {
    onLoad({ filter: /mcp\/tools\/definitions\.ts$/ }, async ({ path }) => {
      const bundle = await build({
        entryPoints: [path],
        bundle: true,
        platform: 'node',
        format: 'esm',
        write: false,
      });
      const { TOOL_DEFINITIONS } = await import(
        `data:text/javascript;base64,${Buffer.from(bundle.outputFiles[0].contents).toString('base64')}`
      );
      changes['put in the definitions of tools'] += TOOL_DEFINITIONS.length;
      return { contents: `export const TOOL_DEFINITIONS = ${JSON.stringify(TOOL_DEFINITIONS)};` };
    });
  },
};

const { metafile } = await build({
  metafile: true,
  entryPoints: endpoints,
  outbase: 'functions',
  outdir: 'dist/functions',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // Reading the file is half of what a cold start spends on loading.
  minify: true,
  legalComments: 'none',
  plugins: [unused, lazySdkSchemas, lazyTwilio, staticDefinitions],
  logLevel: 'info',
});
const idle = Object.keys(changes).filter((step) => changes[step] === 0);
if (idle.length > 0) throw new Error(`The build found nothing to change in these steps: ${idle.join('; ')}.`);

cpSync('assets', 'dist/assets', { recursive: true });
const desk = await buildDesk();

// What is no longer built goes last, so that a build never leaves running Functions without their files.
const assets = readdirSync('assets', { recursive: true }).map((name) => `dist/assets/${name}`);
const current = [...Object.keys(metafile.outputs), ...assets, desk];
for (const name of readdirSync('dist', { recursive: true })) {
  const path = `dist/${name.replaceAll('\\', '/')}`;
  if (!current.some((kept) => kept === path || kept.startsWith(`${path}/`)))
    rmSync(path, { recursive: true, force: true });
}
