'use strict';
/**
 * Preload for the process of the Functions: names the invocation that each request to Twilio comes of, by its path and a
 * number, which the redirect to the simulator passes on.
 */
const { AsyncLocalStorage } = require('node:async_hooks');
const { Server } = require('node:http');

const invocations = new AsyncLocalStorage();
globalThis[Symbol.for('agent-payments.invocation')] = invocations;
let count = 0;

const { emit } = Server.prototype;
Server.prototype.emit = function (event, ...rest) {
  if (event !== 'request') return emit.call(this, event, ...rest);
  count += 1;
  const [path] = rest[0].url.split('?');
  return invocations.run(`${path} ${count}`, () => emit.call(this, event, ...rest));
};
