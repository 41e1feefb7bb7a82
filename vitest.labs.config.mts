import { defineConfig } from 'vitest/config';
import { settings } from './vitest.config.mts';

/** The tests of the labs, which start many processes, but for the desk's, which need a browser: `npm run test:labs`. */
export default defineConfig({
  test: { ...settings, isolate: true, include: ['test/labs/{fuzz,rehearsal}/**/*.test.ts'] },
});
