import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { settings } from './vitest.config.mts';

const functions = fileURLToPath(new URL('./functions/', import.meta.url));
const built = fileURLToPath(new URL('./dist/functions/', import.meta.url));

/** An endpoint's source: a file directly in functions/, or one below functions/.well-known/. */
const ENDPOINT = /^(?:[^/]+|\.well-known\/.+)(?=\.ts$)/;

/** The stories once more, against what the build made of the endpoints, which is what Twilio gets: `npm run test:dist`. */
export default defineConfig({
  plugins: [
    {
      name: 'built-endpoints',
      enforce: 'pre',
      async resolveId(source, importer, options) {
        const resolved = await this.resolve(source, importer, { ...options, skipSelf: true });
        if (!resolved?.id.startsWith(functions)) return resolved;
        const [name] = ENDPOINT.exec(resolved.id.slice(functions.length)) ?? [];
        return name === undefined ? resolved : { id: `${built}${name}.js` };
      },
    },
  ],
  test: {
    ...settings,
    include: ['test/suites/stories/**/*.test.ts'],
    server: { deps: { external: [/\/dist\/functions\//] } },
  },
});
