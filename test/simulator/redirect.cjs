'use strict';
/**
 * Preload for `node --require` (forked children inherit it through NODE_OPTIONS): while TWILIO_SIMULATOR_URL is set,
 * every https request for a host under twilio.com goes to that simulator over plain http. Other hosts are untouched.
 * Code under test keeps using the real `twilio` package and knows nothing of it.
 */
const http = require('node:http');
const https = require('node:https');
const { syncBuiltinESMExports } = require('node:module');
const { urlToHttpOptions } = require('node:url');

const INSTALLED = Symbol.for('agent-payments.redirect');
const INVOCATION = Symbol.for('agent-payments.invocation');

/** Takes the place of any https agent that a client brings along; those cannot open plain connections. */
const agent = new http.Agent({ keepAlive: true });

/** Options that mean TLS, a tunnel or another address, and must not reach the plain request. */
const DROPPED = ['agent', 'createConnection', 'socketPath', 'servername', 'lookup', 'family', 'port', 'href'];

/** The three ways to call `https.request`, as one. */
function normalise(args) {
  const [first, second, third] = args;
  const isUrl = typeof first === 'string' || (first?.href && first.protocol && first.path === undefined);
  const base = isUrl ? urlToHttpOptions(new URL(String(first))) : {};
  const [given, callback] = isUrl ? [second, third] : [first, second];
  return typeof given === 'function'
    ? { options: base, callback: given }
    : { options: { ...base, ...given }, callback };
}

function isTwilio(host) {
  return /(^|\.)twilio\.com$/i.test(host);
}

/** Header lists may be flat arrays too. */
function withHeaders(headers, extra) {
  if (Array.isArray(headers)) return [...headers, ...Object.entries(extra).flat()];
  return { ...headers, ...extra };
}

function redirected(options, host, simulator) {
  const kept = Object.fromEntries(Object.entries(options).filter(([name]) => !DROPPED.includes(name)));
  const invocation = globalThis[INVOCATION]?.getStore?.();
  return {
    ...kept,
    protocol: 'http:',
    defaultPort: 80,
    host: simulator.hostname,
    hostname: simulator.hostname,
    port: simulator.port,
    agent,
    headers: withHeaders(options.headers, {
      'x-simulated-host': host,
      ...(invocation ? { 'x-simulated-invocation': String(invocation) } : {}),
    }),
  };
}

if (!https[INSTALLED]) {
  const original = https.request;
  const request = function request(...args) {
    const url = process.env.TWILIO_SIMULATOR_URL;
    if (!url) return original.apply(https, args);
    const { options, callback } = normalise(args);
    const host = String(options.hostname || options.host || '').replace(/:\d+$/, '');
    if (!isTwilio(host)) return original.apply(https, args);
    return http.request(redirected(options, host, new URL(url)), callback);
  };
  https.request = request;
  https.get = function get(...args) {
    const sent = request(...args);
    sent.end();
    return sent;
  };
  Object.defineProperty(https, INSTALLED, { value: true });
  syncBuiltinESMExports();
}
