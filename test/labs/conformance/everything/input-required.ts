import { createHmac, randomBytes } from 'node:crypto';
import { ErrorCode, McpError, type Result } from '@modelcontextprotocol/sdk/types.js';
import { textBlock } from './content.ts';
import type { Call, Definition } from './server.ts';
import type { Tool } from './tools.ts';

/** Revision 2026-07-28, basic/index, "Error Codes". */
export const MISSING_CAPABILITY = -32021;

/** Every request may meet a fresh process, so the key cannot be made at its start. The test Function has nothing to protect. */
const KEY = 'no secret';

/** What a client may be asked for, by the capability that it needs. */
const REQUESTS = {
  elicitation: (message: string, property: string, type: string) => ({
    method: 'elicitation/create',
    params: {
      message,
      requestedSchema: { type: 'object', properties: { [property]: { type } }, required: [property] },
    },
  }),
  sampling: (text: string) => ({
    method: 'sampling/createMessage',
    params: { messages: [{ role: 'user', content: { type: 'text', text } }], maxTokens: 100 },
  }),
  roots: () => ({ method: 'roots/list', params: {} }),
};

function inputRequired(inputRequests: Record<string, unknown>, requestState?: string): Result {
  return {
    resultType: 'input_required',
    inputRequests,
    ...(requestState !== undefined && { requestState }),
  };
}

/** The client's answer to one request; undefined where there is none that can be read. */
function answerTo({ params }: Call, name: string): Record<string, unknown> | undefined {
  const { inputResponses } = params;
  if (!isObject(inputResponses)) return undefined;
  const answer = inputResponses[name];
  return isObject(answer) ? answer : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function contentOf(answer: Record<string, unknown>): string {
  return JSON.stringify(answer.content ?? answer.roots ?? {});
}

function sign(state: object): string {
  const text = JSON.stringify({ ...state, nonce: randomBytes(8).toString('hex') });
  return `${Buffer.from(text).toString('base64url')}.${mac(text)}`;
}

/** @throws McpError unless the state is one of ours. */
function verify({ params }: Call): Record<string, unknown> {
  const [encoded = '', signature, ...rest] = String(params.requestState).split('.');
  const text = Buffer.from(encoded, 'base64url').toString();
  if (rest.length > 0 || signature !== mac(text)) {
    throw new McpError(ErrorCode.InvalidParams, 'The request state is not one of ours.');
  }
  return JSON.parse(text) as Record<string, unknown>;
}

function mac(text: string): string {
  return createHmac('sha256', KEY).update(text).digest('base64url');
}

function tool(name: string, description: string, run: Definition['run']): Tool {
  return { name: `test_${name}`, description, inputSchema: { type: 'object' }, run };
}

/** A tool that asks for one thing and is done. */
function asking(name: string, description: string, key: string, request: unknown): Tool {
  return tool(`input_required_result_${name}`, description, (call) => {
    const answer = answerTo(call, key);
    if (!answer) return inputRequired({ [key]: request });
    return { content: [textBlock(`Got ${contentOf(answer)}`)] };
  });
}

/** A tool that asks for one thing and has its state carried along. */
function askingWithState(name: string, description: string): Tool {
  return tool(`input_required_result_${name}`, description, (call) => {
    if (call.params.requestState !== undefined) verify(call);
    const answer = answerTo(call, 'confirm');
    if (!answer || call.params.requestState === undefined) {
      const confirm = REQUESTS.elicitation('Please confirm', 'ok', 'boolean');
      return inputRequired({ confirm }, sign({ for: name }));
    }
    return { content: [textBlock('state-ok')] };
  });
}

const NAME = REQUESTS.elicitation('What is your name?', 'name', 'string');

export const INPUT_REQUIRED_TOOLS: Tool[] = [
  tool('missing_capability', 'Needs sampling', ({ clientCapabilities }) => {
    if (!clientCapabilities.sampling) {
      const data = { requiredCapabilities: { sampling: {} } };
      throw new McpError(MISSING_CAPABILITY, 'This needs the capability sampling.', data);
    }
    return { content: [textBlock('It is there.')] };
  }),
  tool('streaming_elicitation', 'Writes to the log, then asks', async ({ notify }) => {
    await notify({ method: 'notifications/message', params: { level: 'info', data: 'Asking' } });
    return inputRequired({ user_name: NAME });
  }),
  asking('elicitation', 'Asks for a name', 'user_name', NAME),
  asking(
    'sampling',
    'Asks the model',
    'capital_question',
    REQUESTS.sampling('What is the capital of France?'),
  ),
  asking('list_roots', 'Asks for the roots', 'client_roots', REQUESTS.roots()),
  askingWithState('request_state', 'Has its state carried along'),
  askingWithState('tampered_state', 'Refuses a state that was changed'),
  tool('input_required_result_multiple_inputs', 'Asks for three things at once', (call) => {
    const requests = {
      user_name: NAME,
      greeting: REQUESTS.sampling('Generate a greeting'),
      client_roots: REQUESTS.roots(),
    };
    if (!Object.keys(requests).every((key) => answerTo(call, key))) return inputRequired(requests, sign({}));
    verify(call);
    return { content: [textBlock('All three are there.')] };
  }),
  tool('input_required_result_multi_round', 'Asks twice', (call) => {
    const { step } = call.params.requestState === undefined ? { step: 0 } : verify(call);
    if (step === 2 && answerTo(call, 'step2')) return { content: [textBlock('Both are there.')] };
    if (step === 1 && answerTo(call, 'step1')) {
      const step2 = REQUESTS.elicitation('Step 2: What is your favorite color?', 'color', 'string');
      return inputRequired({ step2 }, sign({ step: 2 }));
    }
    const step1 = REQUESTS.elicitation('Step 1: What is your name?', 'name', 'string');
    return inputRequired({ step1 }, sign({ step: 1 }));
  }),
  tool('input_required_result_capabilities', 'Asks for what the client can give', (call) => {
    const { elicitation, sampling } = call.clientCapabilities;
    return inputRequired({
      ...(isObject(elicitation) && { user_name: NAME }),
      ...(isObject(sampling) && { greeting: REQUESTS.sampling('Generate a greeting') }),
    });
  }),
];

/** A prompt that asks for its context. */
export function askForContext(call: Call): Result {
  const context = answerTo(call, 'user_context');
  if (!context) {
    const question = REQUESTS.elicitation('What context should the prompt use?', 'context', 'string');
    return inputRequired({ user_context: question });
  }
  return { messages: [{ role: 'user', content: textBlock(`Context: ${contentOf(context)}`) }] };
}
