/** Who may import whom. CONTRIBUTING, "Layout", says why. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../../cli/functions-process.ts';

/** What the files of a folder may import, beside their own folder; the first rule whose folder fits a file counts. */
const RULES: readonly { folder: RegExp; may: readonly RegExp[]; types?: readonly RegExp[] }[] = [
  { folder: /^functions\/payments\//, may: [/^zod$/] },
  {
    folder: /^functions\/mcp\//,
    may: [
      /^functions\/payments\//,
      /^zod$/,
      /^@modelcontextprotocol\/sdk\//,
      /^(?:package|assets\/prompts\/.+)\.json$/,
    ],
    types: [/^functions\/runtime\/(?:log|scopes)\.ts$/],
  },
  {
    folder: /^functions\/twilio\//,
    may: [
      /^functions\/payments\/(?:[^/]+|session\/.+|advice\/twilio-codes\.ts)$/,
      /^zod$/,
      /^twilio$/,
      /^node:crypto$/,
    ],
    types: [/^functions\/payments\//, /^twilio\//],
  },
  { folder: /^functions\/runtime\//, may: [/^node:crypto$/, /^jose$/] },
  { folder: /^functions\/desk\//, may: [/^package\.json$/] },
  {
    folder: /^functions\/(?:mcp\.ts$)/,
    may: [/^functions\/(?:payments|mcp|twilio|runtime|desk)\//, /^twilio$/],
    types: [/^@modelcontextprotocol\/sdk\//],
  },
  {
    folder: /^functions\/(?:[^/]+|\.well-known\/.+)$/,
    may: [/^package\.json$/, /^functions\/(?:payments|mcp|twilio|runtime|desk)\//, /^twilio$/],
  },
  { folder: /^test\/simulator\//, may: [/^node:/] },
];

interface Import {
  /** A package, or the path of a file from the project's folder. */
  target: string;
  isType: boolean;
}

/** Whatever a file imports, as a value or as a type, at the top or later. */
function importsOf(file: string, source: string): Import[] {
  const statements = source.matchAll(
    /(?:^|\n)\s*(?:import|export)\s+(?:(type)\s)?(?:[^'";]*?\sfrom\s*)?'([^']+)'|(typeof\s+)?\b(?:import|require)\(\s*'([^']+)'/g,
  );
  return [...statements].map(([, type, from, typeOf, called]) => {
    const specifier = from ?? called ?? '';
    const target = specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : specifier;
    return { target, isType: type !== undefined || typeOf !== undefined };
  });
}

/** The imports of a file that no rule allows. */
function forbidden(file: string, source: string): string[] {
  const rule = RULES.find(({ folder }) => folder.test(file));
  if (!rule) return [`${file} is in no folder that has a rule`];
  const own = rule.folder.source.endsWith('\\/') ? rule.folder : undefined;
  return importsOf(file, source)
    .filter(({ target, isType }) => {
      const allowed = [...(own ? [own] : []), ...rule.may, ...(isType ? (rule.types ?? []) : [])];
      return !allowed.some((pattern) => pattern.test(target));
    })
    .map(({ target }) => `${file} imports ${target}`);
}

function filesIn(folder: string): { file: string; source: string }[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.[cm]?tsx?$/.test(name))
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .map((file) => ({ file, source: readFileSync(join(root, file), 'utf8') }));
}
const functions = filesIn('functions');
const graph = new Map(functions.map(({ file, source }) => [file, importsOf(file, source)]));

test('every file imports only what its folder may', () => {
  expect(functions.length).toBeGreaterThan(50);
  expect(
    [...functions, ...filesIn('test/simulator')].flatMap(({ file, source }) => forbidden(file, source)),
  ).toEqual([]);
});

describe('and these would be told:', () => {
  test.each([
    ['functions/payments/payments.ts', `import axios from 'axios';`],
    ['functions/payments/payments.ts', `import { handler } from '../mcp.ts';`],
    ['functions/payments/session/session.ts', `import {\n  type Log,\n} from '../../runtime/log.ts';`],
    ['functions/payments/payments.ts', `import type { Log } from '../runtime/log.ts';`],
    ['functions/payments/payments.ts', `import { createHash } from 'node:crypto';`],
    ['functions/payments/payments.ts', `import 'node:crypto';`],
    ['functions/payments/payments.ts', `export { connectTwilio } from '../twilio/connect.ts';`],
    ['functions/payments/payments.ts', `const { Twilio } = await import('twilio');`],
    ['functions/payments/payments.ts', `const twilio = require('twilio');`],
    ['functions/payments/payments.ts', `type Twilio = typeof import('twilio');`],
    ['functions/mcp/server.ts', `import { createLog } from '../runtime/log.ts';`],
    ['functions/mcp/server.ts', `import { connectTwilio } from '../twilio/connect.ts';`],
    ['functions/mcp/server.ts', `import twilio from 'twilio';`],
    ['functions/twilio/client.ts', `import { createPayments } from '../payments/commands/start.ts';`],
    ['functions/twilio/client.ts', `import type { Config } from '../runtime/config.ts';`],
    ['functions/twilio/client.ts', `import { Server } from '@modelcontextprotocol/sdk/server/index.js';`],
    ['functions/runtime/config.ts', `import { CAPTURES } from '../payments/session/fields.ts';`],
    ['functions/runtime/config.ts', `import * as z from 'zod';`],
    ['functions/mcp.ts', `import { handler } from './payment-status.protected.ts';`],
    [
      'functions/.well-known/oauth-protected-resource/mcp.ts',
      `export { handler } from '../oauth-protected-resource.ts';`,
    ],
    [
      'functions/payment-status.protected.ts',
      `import type { Tool } from '@modelcontextprotocol/sdk/types.js';`,
    ],
    ['functions/tools/start.ts', ''],
    ['test/simulator/world.ts', `import { FIELDS } from '../../functions/payments/session/fields.ts';`],
    ['test/simulator/world.ts', `import { validateRequest } from 'twilio';`],
  ])('%s: %s', (file, source) => {
    expect(forbidden(file, source)).toHaveLength(1);
  });
});

test('no file imports itself by way of others', () => {
  expect(functions.flatMap(({ file }) => circleFrom(file))).toEqual([]);
});

/** The most floors that the core may have: a file stands one floor above the highest one whose values it uses. */
const MAX_FLOORS = 6;

test(`the core has at most ${MAX_FLOORS} floors`, () => {
  const floors = new Map<string, number>();
  const floorOf = (file: string): number => {
    const known = floors.get(file);
    if (known !== undefined) return known;
    // A circle, which another test tells, would never end.
    floors.set(file, 0);
    const below = graph
      .get(file)
      ?.filter(({ target, isType }) => !isType && target.startsWith('functions/payments/'));
    const floor = 1 + Math.max(0, ...(below ?? []).map(({ target }) => floorOf(target)));
    floors.set(file, floor);
    return floor;
  };
  const high = [...graph.keys()].filter(
    (file) => file.startsWith('functions/payments/') && floorOf(file) > MAX_FLOORS,
  );
  expect(high).toEqual([]);
});

test('no file is longer than 250 lines, and half of them have at most 90', () => {
  const lengths = functions.map(({ file, source }) => ({ file, lines: source.split('\n').length - 1 }));
  expect(lengths.filter(({ lines }) => lines > 250)).toEqual([]);
  const sorted = lengths.map(({ lines }) => lines).sort((a, b) => a - b);
  expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(90);
});

/** The shortest way from a file back to itself, types included: empty if there is none. */
function circleFrom(start: string): string[] {
  const ways = [[start]];
  const seen = new Set<string>();
  for (const way of ways) {
    for (const { target } of graph.get(way.at(-1) ?? '') ?? []) {
      if (target === start) return [[...way, start].join(' > ')];
      if (!seen.has(target)) ways.push([...way, target]);
      seen.add(target);
    }
  }
  return [];
}
