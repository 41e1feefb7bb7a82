import { createInterface } from 'node:readline/promises';

/** The reply of whoever sits at the terminal; undefined where nobody does. */
export async function askAtTerminal(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const reply = await lines.question(question);
  lines.close();
  return reply;
}
