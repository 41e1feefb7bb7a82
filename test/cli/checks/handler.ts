import { root } from '../functions-process.ts';
import { handlerProblem } from '../handler-version.ts';
import { type Check, failed, ok } from './check.ts';

/** Whether the platform takes the runtime handler that package.json pins. Needs no request. */
export const handler: Check = {
  name: 'Runtime handler',
  run: async () => {
    const problem = handlerProblem(root);
    return [problem ? failed(problem) : ok('Twilio takes the version that package.json pins.')];
  },
};
