import { readFileSync } from 'node:fs';
import { createSpeak } from '../../../functions/mcp/wording.ts';
import type { View } from '../../../functions/payments/advice/status.ts';

const prompts = new URL('../../../assets/prompts/', import.meta.url);
const speak = createSpeak((file) =>
  readFileSync(new URL(file.replace('.json', '.private.json'), prompts), 'utf8'),
);

/** How a status is shown at a time (epoch milliseconds), in English. */
export function viewAt(now: number, changes: Partial<View> = {}): View {
  return { now, maxAttempts: 3, language: 'en', speak, withToken: true, ...changes };
}
