'use strict';
/**
 * One instance of a deployed build: a process that runs one Function at a time as its parent says, and stays warm.
 * Globals, context and the ways to answer are the platform's (invocation, context and client pages).
 */
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { Response, serialize } = require('./platform-response.cjs');

let running;

/** What a build finds in place: made once, before the first of its files is loaded. */
function prepare({ root, functions, assets, switches }) {
  const requireFromBuild = createRequire(`${root}/package.json`);
  const twilio = optional(() => requireFromBuild('twilio'));
  globalThis.Twilio = { ...twilio, Response };
  globalThis.Runtime = {
    getAssets: () =>
      Object.fromEntries(
        Object.entries(assets).map(([path, file]) => [
          path,
          { path: file, open: () => readFileSync(file, 'utf8') },
        ]),
      ),
    getFunctions: () =>
      Object.fromEntries(Object.entries(functions).map(([path, file]) => [path.slice(1), { path: file }])),
  };
  if (switches.globalResponse === 'platform') globalThis.Response = Response;
  return { twilio, requireFromBuild, switches };
}

/** The package of the build, where it has one. */
function optional(load) {
  try {
    return load();
  } catch {
    return undefined;
  }
}

async function invoke({ twilio, requireFromBuild, switches }, { file, variables, context, event }, answer) {
  if (switches.processEnv === 'variables') Object.assign(process.env, variables);
  const { handler } = requireFromBuild(file);
  if (typeof handler !== 'function') throw new Error('The file exports no handler');
  const getTwilioClient = (options) =>
    twilio(context.ACCOUNT_SID, context.AUTH_TOKEN, { lazyLoading: true, ...options });
  await handler({ ...variables, ...context, getTwilioClient }, event, answer);
}

process.on('message', (message) => {
  if (message.type === 'prepare') {
    running = prepare(message);
    return;
  }
  const { switches } = running;
  let answered = false;
  const answer = (error, result) => {
    // Whatever comes after the first answer is not heard.
    if (answered) return;
    answered = true;
    let response;
    try {
      response = serialize(error, result, switches);
    } catch (failure) {
      response = serialize(failure, undefined, switches);
    }
    process.send({ id: message.id, response });
  };
  invoke(running, message, answer).catch((error) => {
    console.error(error);
    answer(error);
  });
});

process.on('disconnect', () => process.exit());
