import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CAPTURE_GUIDE, errorGuide, resultGuide } from '../../../functions/payments/advice/error-types.ts';
import { SENTENCES } from '../../../functions/payments/advice/sentences.ts';
import { ERROR_CODES } from '../../../functions/payments/error-codes.ts';
import { PHASES } from '../../../functions/payments/session/phase.ts';
import { SETTING_VALUES } from '../../../functions/payments/session/setting-values.ts';
import { variableNames } from '../../../functions/runtime/settings.ts';
import { LOCAL_VARIABLES } from '../../cli/environment.ts';
import type { SWITCH_VALUES } from '../../simulator/index.ts';
import { connect } from '../host/connect.ts';
import { textOf } from './pages.ts';

const root = new URL('../../../', import.meta.url);
const prompts = new URL('assets/prompts/', root);
const promptFiles = readdirSync(prompts).filter((file) => file.endsWith('.md'));

/** What stands in backticks in a text: names that an agent takes literally. */
function namesIn(text: string): string[] {
  return [...new Set([...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name))];
}

const isErrorCode = (name: string) => ERROR_CODES.some((code) => code === name);
const isErrorType = (name: string) => errorGuide(name).why !== errorGuide('no such type').why;
const isResult = (name: string) => name === 'success' || resultGuide(name).why !== resultGuide('none').why;

test('every name that a prompt gives is one that the tools know', async () => {
  const { client } = (await connect()).agent;
  const { tools } = await client.listTools();
  const schemas = tools.flatMap(({ inputSchema, outputSchema }) => [inputSchema, outputSchema]);
  const known = [
    ...tools.map(({ name }) => name),
    ...schemas.flatMap((schema) => Object.keys(schema?.properties ?? {})),
    ...PHASES,
    ...Object.keys(CAPTURE_GUIDE),
    ...SETTING_VALUES.paymentMethods,
    'wait',
    'askCaller',
    'done',
  ];
  const texts = [
    ...promptFiles.map((file) => readFileSync(new URL(file, prompts), 'utf8')),
    client.getInstructions() ?? '',
    ...tools.map(({ description }) => description ?? ''),
  ];
  const names = namesIn(texts.join('\n'));
  expect(names.length).toBeGreaterThan(20);
  const unknown = names.filter(
    (name) => !known.includes(name) && !isErrorCode(name) && !isErrorType(name) && !isResult(name),
  );
  expect(unknown).toEqual([]);
  // Names without backticks: nothing that looks like a tool may be none.
  const toolLike = texts.join('\n').match(/\b(?:start|capture|complete|cancel|get)[A-Z]\w+/g) ?? [];
  for (const name of toolLike) expect(known).toContain(name);
});

test('prompts leave the two SIDs and known sentences open, and nothing else', () => {
  const sentences = SENTENCES.map((name) => `say:${name}`);
  for (const file of promptFiles) {
    const text = readFileSync(new URL(file, prompts), 'utf8');
    const open = [...text.matchAll(/\{\{(.*?)\}\}/g)].map(([, name]) => name);
    for (const name of open) expect(['callSid', 'paymentSid', ...sentences]).toContain(name);
    // Whatever else is in quotes would be said in English to everybody.
    const quoted = [...text.matchAll(/"([^"]*)"/g)].map(([, words]) => words);
    for (const words of quoted) expect(words).toMatch(/^\{\{say:[\w.-]+\}\}$|^maybe$/);
  }
});

test('every setting has a line in .env.example and a row in docs/configuration.md, and nothing else has', () => {
  const example = readFileSync(new URL('.env.example', root), 'utf8');
  const lines = [...example.matchAll(/^#? ?([A-Z][A-Z0-9_]+)=/gm)].map(([, name = '']) => name);
  // The platform sets DOMAIN_NAME.
  const settings = variableNames(SETTING_VALUES).filter((name) => name !== 'DOMAIN_NAME');
  expect(lines.sort()).toEqual([...settings, ...LOCAL_VARIABLES].sort());
  const rows = [...textOf('docs/configuration.md').matchAll(/^\| ((?:`[A-Z_]+`(?:, )?)+) \|/gm)];
  const documented = rows.flatMap(([, names = '']) => namesIn(names));
  expect(documented.sort()).toEqual(lines);
});

test('names of the simulator’s switches are of the simulator alone', () => {
  const endpoints = readdirSync(new URL('functions/', root), { recursive: true, encoding: 'utf8' });
  const source = endpoints
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(new URL(`functions/${file}`, root), 'utf8'))
    .join('\n');
  expect(source).not.toMatch(/simulat/i);
  for (const name of ['idempotencyReplay', 'donePartialResult'] satisfies (keyof typeof SWITCH_VALUES)[]) {
    expect(source).not.toContain(name);
  }
});
