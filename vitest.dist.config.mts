import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { settings } from './vitest.config.mts';

const functions = fileURLToPath(new URL('./functions/', import.meta.url));
const built = fileURLToPath(new URL('./dist/functions/', import.meta.url));

/** An endpoint's source: a file directly in functions/, or one below functions/.well-known/. */
const ENDPOINT = /^(?:[^/]+|\.well-known\/.+)(?=\.ts$)/;

/** Loads what the build made of the endpoints, which is what Twilio gets, in place of their sources. */
const builtEndpoints: Plugin = {
  name: 'built-endpoints',
  enforce: 'pre',
  async resolveId(source, importer, options) {
    const resolved = await this.resolve(source, importer, { ...options, skipSelf: true });
    if (!resolved?.id.startsWith(functions)) return resolved;
    const [name] = ENDPOINT.exec(resolved.id.slice(functions.length)) ?? [];
    return name === undefined ? resolved : { id: `${built}${name}.js` };
  },
};

const server = { deps: { external: [/\/dist\/functions\//] } };

/** The stories once more, against what was built; some of them over real connections as well: `npm run test:dist`. */
export default defineConfig({
  test: {
    ...settings,
    projects: [
      {
        plugins: [builtEndpoints],
        test: { ...settings, server, name: 'built', include: ['test/suites/stories/**/*.test.ts'] },
      },
      {
        plugins: [builtEndpoints],
        test: {
          ...settings,
          server,
          name: 'built, over connections',
          include: ['test/suites/stories/{charge,health,log-lines}.test.ts'],
          isolate: true,
          env: { STAGE_CONNECTIONS: 'real' },
        },
      },
    ],
  },
});
