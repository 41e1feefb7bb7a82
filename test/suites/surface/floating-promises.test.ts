/**
 * No promise floats: one that rejects while nobody waits for it ends the process, and every request in it. The linter's
 * rule sees neither through the types of packages nor through `void`, so the type checker is asked.
 */
import { join } from 'node:path';
import {
  type Expression,
  isArrowFunction,
  isBinaryExpression,
  isCallExpression,
  isExpressionStatement,
  isFunctionExpression,
  isPropertyAccessExpression,
  isVoidExpression,
  type Node,
} from 'typescript/unstable/ast';
import { API, type Project, SignatureKind, type Type, TypeFlags } from 'typescript/unstable/sync';
import { expect, onTestFinished, test } from 'vitest';
import { root } from '../../cli/functions-process.ts';

/** The promises of a file that nobody waits for and nobody catches. */
function floatingIn({ program, checker }: Project, file: string): string[] {
  const source = program.getSourceFile(file);
  if (!source) throw new Error(`${file} is not in the project.`);
  const isPromise = (type: Type | undefined) => type && checker.getPropertyOfType(type, 'then') !== undefined;
  const results = (type: Type | undefined) =>
    type
      ? checker
          .getSignaturesOfType(type, SignatureKind.Call)
          .map((signature) => checker.getReturnTypeOfSignature(signature))
      : [];
  /** Whether a function gives a promise to somebody who expects nothing. */
  const isMisused = (node: Expression) =>
    results(checker.getTypeAtLocation(node)).some(isPromise) &&
    results(checker.getContextualType(node)).some((type) => type && type.flags & TypeFlags.Void);
  const isDropped = (node: Expression) =>
    !isBinaryExpression(node) && isPromise(checker.getTypeAtLocation(node)) && !isCaught(node);
  const found: string[] = [];
  const visit = (node: Node): void => {
    const isFunction = isArrowFunction(node) || isFunctionExpression(node);
    const thrownAway = isExpressionStatement(node) || isVoidExpression(node) ? node.expression : undefined;
    if (isFunction ? isMisused(node) : thrownAway && isDropped(thrownAway))
      found.push((thrownAway ?? node).getText(source));
    node.forEachChild(visit);
  };
  visit(source);
  return found;
}

/** Whether a promise ends in `.catch(…)`, or in `.then(…, …)`. */
function isCaught(node: Expression): boolean {
  if (!isCallExpression(node) || !isPropertyAccessExpression(node.expression)) return false;
  const name = node.expression.name.getText();
  return name === 'catch' || (name === 'then' && node.arguments.length > 1);
}

/** The type checker at work on `functions/`, and on a file of it that is not on the disk. */
function projectWith(file: string, text: string): Project {
  const config = join(root, 'tsconfig.functions.json');
  const files: Record<string, string> = {
    [join(root, file)]: text,
    [config]: JSON.stringify({ extends: './tsconfig.json', include: ['functions'], files: [file] }),
  };
  const api = new API({
    cwd: root,
    fs: { readFile: (name) => files[name], fileExists: (name) => (name in files ? true : undefined) },
  });
  onTestFinished(() => api.close());
  const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
  if (!project) throw new Error('There is no such project.');
  return project;
}

const FLOATING = [
  'server.sendLoggingMessage({ level: "info", data: 1 })',
  'extra.sendNotification(said)',
  'work()',
  'work().then(() => 1)',
  'work().finally(() => 1)',
];
/** Functions that give a promise to somebody who expects nothing. */
const MISUSED = ['() => work()', 'async () => { await work(); }'];
const KEPT = [
  'await work()',
  'work().catch(() => 1)',
  'work().then(() => 1, () => 2)',
  'server.removeRequestHandler("a")',
];

test('no promise of functions/ floats, and those of packages are seen', () => {
  const lines = (expressions: string[]) => expressions.map((expression) => `  ${expression};\n`).join('');
  const project = projectWith(
    'functions/mcp/floating.ts',
    `import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
    import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
    import type { ServerNotification, ServerRequest } from '@modelcontextprotocol/sdk/types.js';
    type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;
    export async function f(server: Server, extra: Extra, said: ServerNotification, work: () => Promise<void>) {
    ${lines(FLOATING)} ${lines(FLOATING.map((expression) => `void ${expression}`))} ${lines(KEPT)} ${lines(MISUSED.map((given) => `setImmediate(${given})`))} }`,
  );
  const own = project.program
    .getSourceFileNames()
    .filter((name) => name.startsWith(join(root, 'functions/')));
  expect(own.length).toBeGreaterThan(50);
  const found = Object.fromEntries(
    own
      .map((name) => [name.slice(root.length), floatingIn(project, name)] as const)
      .filter(([, a]) => a.length),
  );
  expect(found).toEqual({ 'functions/mcp/floating.ts': [...FLOATING, ...FLOATING, ...MISUSED] });
});
