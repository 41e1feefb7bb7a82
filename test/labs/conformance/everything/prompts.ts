import type { ContentBlock, Prompt as PromptDefinition } from '@modelcontextprotocol/sdk/types.js';
import { embedded, IMAGE, textBlock } from './content.ts';
import { askForContext } from './input-required.ts';
import type { Call, Definition } from './server.ts';

type Prompt = Definition & Pick<PromptDefinition, 'arguments'>;

/** A prompt whose arguments are all needed. */
function prompt(
  name: string,
  description: string,
  names: string[],
  content: (call: Call) => ContentBlock[],
): Prompt {
  return {
    name,
    description,
    ...(names.length > 0 && { arguments: names.map((argument) => ({ name: argument, required: true })) }),
    run: (call) => ({ messages: content(call).map((block) => ({ role: 'user', content: block })) }),
  };
}

export const PROMPTS: Prompt[] = [
  prompt('test_simple_prompt', 'Has no arguments', [], () => [
    textBlock('This is a simple prompt for testing.'),
  ]),
  prompt('test_prompt_with_arguments', 'Has two arguments', ['arg1', 'arg2'], (call) => {
    const { arg1, arg2 } = call.arguments;
    return [textBlock(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)];
  }),
  prompt('test_prompt_with_embedded_resource', 'Holds a resource', ['resourceUri'], (call) => [
    embedded(String(call.arguments.resourceUri), 'text/plain', 'Embedded resource content for testing.'),
    textBlock('Please process the embedded resource above.'),
  ]),
  prompt('test_prompt_with_image', 'Holds an image', [], () => [
    IMAGE,
    textBlock('Please analyze the image above.'),
  ]),
  {
    name: 'test_input_required_result_prompt',
    description: 'Asks for its context',
    run: askForContext,
  },
];
