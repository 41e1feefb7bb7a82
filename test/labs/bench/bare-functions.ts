import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A Function that loads `twilio`, makes a client, and answers: what every Function on Twilio costs. */
const ANSWER = `
const twilio = require('twilio');
exports.handler = (context, event, callback) => {
  twilio(context.API_KEY, context.API_SECRET, { accountSid: context.ACCOUNT_SID });
  const response = new Twilio.Response();
  response.appendHeader('Content-Type', 'application/json');
  response.setBody({ ok: true });
  callback(null, response);
};`;

/** The same with the Twilio requests of one of our operations, and nothing else. */
const requesting = (work: string) => `
const twilio = require('twilio');
exports.handler = async (context, event, callback) => {
  const client = twilio(context.API_KEY, context.API_SECRET, { accountSid: context.ACCOUNT_SID });
  const documents = client.sync.v1.services('default').documents;
  const name = 'payment-' + event.paymentSid;
  ${work}
  const response = new Twilio.Response();
  response.appendHeader('Content-Type', 'application/json');
  response.setBody({ ok: true });
  callback(null, response);
};`;

/** What its process holds after a collection: RSS also counts what V8 has not given back yet, and rises for long. */
const MEMORY = `
require('node:v8').setFlagsFromString('--expose-gc');
const gc = require('node:vm').runInNewContext('gc');
exports.handler = (context, event, callback) => {
  gc();
  gc();
  const { heapUsed, external } = process.memoryUsage();
  const response = new Twilio.Response();
  response.appendHeader('Content-Type', 'application/json');
  response.setBody({ bytes: heapUsed + external });
  callback(null, response);
};`;

/** The CPU time that the process has taken so far, in microseconds. */
const CPU = `
exports.handler = (context, event, callback) => {
  const { user, system } = process.cpuUsage();
  const response = new Twilio.Response();
  response.appendHeader('Content-Type', 'application/json');
  response.setBody({ microseconds: user + system });
  callback(null, response);
};`;

const FUNCTIONS = {
  memory: MEMORY,
  cpu: CPU,
  'bare-answer': ANSWER,
  'bare-status': requesting('await documents(name).fetch();'),
  'bare-capture': requesting(`
  const document = await documents(name).fetch();
  await Promise.all([
    documents(name).update({ data: document.data, ttl: 86400, ifMatch: document.revision }),
    client.calls(event.callSid).payments(event.paymentSid).update({
      idempotencyKey: event.key, statusCallback: event.statusCallback, capture: 'payment-card-number',
    }),
  ]);`),
  'bare-callback': requesting(`
  const document = await documents(name).fetch();
  await documents(name).update({ data: document.data, ttl: 86400, ifMatch: document.revision });`),
};

/** Puts the built Functions and the bare ones into one folder below the project, where `twilio` can be found. */
export function writeFunctions(root: string): { folder: string; remove(): void } {
  const folder = join(root, 'node_modules', '.cache', 'bench-functions');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(join(root, 'dist', 'functions'), folder, { recursive: true });
  for (const [name, source] of Object.entries(FUNCTIONS)) writeFileSync(join(folder, `${name}.js`), source);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
