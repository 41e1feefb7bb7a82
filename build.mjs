/** Builds what is deployed: one file per endpoint in dist/functions, and dist/assets. */
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { build, transform } from 'esbuild';

/** Endpoints are the files directly in functions/, and those at fixed paths below functions/.well-known/. */
const endpoints = [
  ...readdirSync('functions').map((name) => `functions/${name}`),
  ...readdirSync('functions/.well-known', { recursive: true }).map((name) => `functions/.well-known/${name}`),
].filter((name) => name.endsWith('.ts'));

/** What the MCP SDK loads although this server never uses it: a JSON Schema validator, and zod 3 with its JSON Schemas. */
const unused = {
  name: 'unused',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /(\/ajv-provider\.js|^zod\/v3|^zod-to-json-schema)$/ }, ({ path }) => ({
      path,
      namespace: 'unused',
    }));
    onLoad({ filter: /.*/, namespace: 'unused' }, () => ({
      contents:
        'export class AjvJsonSchemaValidator {}; export const object = undefined, zodToJsonSchema = undefined;',
    }));
  },
};

/**
 * Makes each schema when something of it is first asked for: those of the MCP SDK alone are 400 zod objects, of which
 * a request needs 80. Those that nothing uses are left out of the bundle. Gains 3 ms of a cold start and a quarter of
 * its memory. A schema is a constant at the top level whose name ends in Schema or Sid.
 */
const lazySchemas = {
  name: 'lazy-schemas',
  setup({ onLoad }) {
    onLoad(
      { filter: /(sdk\/dist\/esm\/types\.js|functions\/(payments|runtime|twilio)\/.*\.ts)$/ },
      async ({ path }) => {
        const source = await readFile(path, 'utf8');
        // A statement at the top level ends before a line that is not indented and closes nothing.
        const schema = /^((?:export )?const \w+(?:Schema|Sid) = )([\s\S]*?);\n+(?![\s)\]}])/gm;
        const lazy = source.replace(schema, '$1/* @__PURE__ */ lazySchema(() => $2);\n');
        const contents = lazy === source ? source : `${lazy}\n${lazySchema}`;
        return { contents, loader: path.endsWith('.ts') ? 'ts' : 'js' };
      },
    );
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
 * V8 passes over the body of a function that is not called yet faster than over that of an arrow function, and all of
 * zod is arrow functions. Gains 1.3 ms of a cold start. (The SDK is left as it is: esbuild breaks its constructor.)
 */
const plainFunctions = {
  name: 'plain-functions',
  setup({ onLoad }) {
    onLoad({ filter: /node_modules\/zod\/.*\.js$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, 'utf8'), { supported: { arrow: false } });
      return { contents: code };
    });
  },
};

/**
 * Loads `twilio` when something of it is first asked for: 120 ms, which requests without a request to Twilio need not
 * pay for where the host has not loaded it. What functions/ imports are its members: it cannot be called itself.
 */
const lazyTwilio = {
  name: 'lazy-twilio',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^twilio$/ }, ({ path, namespace }) =>
      namespace === 'lazy' ? { path, external: true } : { path, namespace: 'lazy' },
    );
    onLoad({ filter: /.*/, namespace: 'lazy' }, () => ({
      contents: `let twilio;
        export default new Proxy({}, { get: (_, name) => (twilio ??= require('twilio'))[name] });`,
    }));
  },
};

/** Puts the tools' definitions into the bundle as JSON: making schemas of them costs 5 ms of a cold start. */
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
  // What is read is half of what a cold start spends on loading.
  minify: true,
  legalComments: 'none',
  // zod compiles a parser for each schema at its first use, which pays only for schemas that are used often; and it
  // looks for cycles in all schemas and data, of which JSON and forms have none: 1 ms and 0.4 MB of a cold start.
  banner: {
    js: 'globalThis.__zod_globalConfig={jitless:true,memoizer:{attach(){},guard(){},alloc:(a,b,empty)=>empty}};',
  },
  plugins: [unused, lazyTwilio, lazySchemas, plainFunctions, staticDefinitions],
  logLevel: 'info',
});
cpSync('assets', 'dist/assets', { recursive: true });

// What is no longer built goes last, so that a build never leaves running Functions without their files.
const assets = readdirSync('assets', { recursive: true }).map((name) => `dist/assets/${name}`);
const current = [...Object.keys(metafile.outputs), ...assets];
for (const name of readdirSync('dist', { recursive: true })) {
  const path = `dist/${name.replaceAll('\\', '/')}`;
  if (!current.some((kept) => kept === path || kept.startsWith(`${path}/`)))
    rmSync(path, { recursive: true, force: true });
}
