/** Builds what is deployed: one file per endpoint in dist/functions, and dist/assets. */
import { cpSync, readdirSync, rmSync } from 'node:fs';
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

rmSync('dist', { recursive: true, force: true });
await build({
  entryPoints: endpoints,
  outbase: 'functions',
  outdir: 'dist/functions',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  external: ['twilio'],
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  plugins: [unused],
  logLevel: 'info',
});
cpSync('assets', 'dist/assets', { recursive: true });
