/** Builds what is deployed: one file per endpoint in dist/functions, and dist/assets. */
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { build } from 'esbuild';

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
 * The MCP SDK makes all schemas of the protocol when it is loaded, some 400 zod objects; one request needs a few of
 * them. Here each is made when something of it is first asked for, and those that nothing uses are left out of the
 * bundle. Costs 15 ms of a cold start otherwise.
 */
const lazySchemas = {
  name: 'lazy-schemas',
  setup({ onLoad }) {
    onLoad({ filter: /@modelcontextprotocol\/sdk\/dist\/esm\/types\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      // A statement at the top level ends before a line that is not indented and closes nothing.
      const schema = /^((?:export )?const \w+Schema = )([\s\S]*?);\n(?=[^\s)\]}])/gm;
      const lazy = source.replace(schema, '$1/* @__PURE__ */ lazySchema(() => $2);\n');
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
  external: ['twilio'],
  // What is read is half of what a cold start spends on loading.
  minify: true,
  legalComments: 'none',
  // zod compiles a parser for each schema at its first use, which pays only for schemas that are used often.
  banner: { js: 'globalThis.__zod_globalConfig={jitless:true};' },
  plugins: [unused, lazySchemas, staticDefinitions],
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
