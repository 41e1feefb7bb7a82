import { stripVTControlCharacters } from 'node:util';
import type { DeployState } from './state.ts';
import type { ToolRun } from './tool.ts';

const DEBUGGER = 'https://console.twilio.com/us1/monitor/logs/debugger/errors';

/** Why a deploy failed, and what it has left behind: lines for a person. */
export function reasonsOf({ stderr }: ToolRun, state: DeployState | undefined): string[] {
  const text = stripVTControlCharacters(stderr);
  const own = ownWords(text);
  const hidden = hiddenErrors(text).filter((words) => !own.join(' ').includes(words));
  const reasons = [...own, ...hidden.map((words) => `Twilio says: ${words}`)];
  const known = reasons.length > 0 || state?.build?.status === 'failed';
  return [...(known ? reasons : ['twilio-run gave no reason.']), ...consequences(state)];
}

/** What twilio-run prints in its box, but for the `undefined` that a failed build leaves there (commands/deploy.ts). */
function ownWords(text: string): string[] {
  const words = text
    .split('\n')
    .filter((line) => line.startsWith('│'))
    .map((line) => line.replace(/^│\s*(?:ERROR\s*)?/, '').trim())
    .filter((line) => line !== '' && line !== 'undefined')
    .join(' ');
  if (/already exists with SID/.test(words))
    return [
      words.replace(/Here are a few ways.*/, '').trim(),
      'It has none of the Functions of this project. Choose another name with --service-name, or replace what is there with --override-existing-project.',
    ];
  // An error while it polls the build ends twilio-run without a box.
  const crash = words === '' ? /^\w*Error: .+$/m.exec(text)?.[0] : undefined;
  return [words, crash].filter((found) => found !== undefined && found !== '') as string[];
}

/**
 * The API's own words where twilio-run replaces them or does not get to them: they stand in its debug output, for
 * uploads only as an HTTP status (serverless-api utils/error.ts, api/functions.ts). A name that is taken is no error,
 * since it is looked up next.
 */
function hiddenErrors(text: string): string[] {
  const found = [...text.matchAll(/ClientApiError(?: \[\w+\])?: (.+)$/gm)].map(([, words = '']) => words);
  return [...new Set(found)].filter((words) => !/already exists/.test(words));
}

function consequences(state: DeployState | undefined): string[] {
  if (!state) return [];
  const { build, active } = state;
  if (!build) return ['No build was made: what answers now is what answered before.'];
  if (build.status === 'failed')
    return [
      `Build ${build.sid} failed at Twilio, on ${build.runtime} with ${build.dependencies}. The API gives no reason. A package that cannot be installed (error 82003) and a runtime that has ended are the usual ones; the Debugger may name it: ${DEBUGGER}`,
      'What answers now is what answered before, with the variables of before.',
    ];
  if (active) return [`Build ${build.sid} is active all the same.`];
  return [
    `Build ${build.sid} is ${build.status} and not active: the old code answers, perhaps with new variables already. Deploy again.`,
  ];
}
