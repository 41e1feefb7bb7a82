import { defineConfig } from 'vitest/config';
import { settings } from './vitest.config.mts';

/** Every state of the payment desk and every way between them, in a browser: `npm run test:desk`. */
export default defineConfig({
  test: { ...settings, isolate: true, include: ['test/labs/desk/**/*.test.ts'], maxWorkers: 2 },
});
