import { LATEST_PROTOCOL_VERSION } from '@modelcontextprotocol/sdk/types.js';
import twilio from 'twilio';
import { type Check, failed, ok, type Patient, unchecked, type Verdict } from './check.ts';
import { type Answer, ask } from './http.ts';

const DEPLOY = 'Deploy it with npm run deploy, or correct the address given with --url or in PUBLIC_URL.';
const SEE_LOGS = 'See its logs: Twilio Console, Functions and Assets, Services, Live logs.';

type Answered = Exclude<Answer, { problem: string }>;

/** A check of the deployed service. `judge` sees what is left when the usual troubles are sorted out. */
function deployedCheck(
  name: string,
  path: string,
  check: {
    /** Why it cannot be asked, where it cannot. */
    hindrance?: (patient: Patient, url: string) => Verdict | undefined;
    request: (patient: Patient, url: string) => RequestInit;
    judge: (answer: Answered, url: string, patient: Patient) => Verdict;
  },
): Check {
  return {
    name,
    async run(patient) {
      if (!patient.url)
        return [unchecked('Neither --url nor PUBLIC_URL says where the service is deployed.')];
      const url = `${patient.url}${path}`;
      const hindrance = check.hindrance?.(patient, url);
      if (hindrance) return [hindrance];
      const answer = await ask(url, check.request(patient, url));
      return [usualTrouble(answer, url, patient) ?? check.judge(answer as Answered, url, patient)];
    },
  };
}

function usualTrouble(answer: Answer, url: string, { file }: Patient): Verdict | undefined {
  if ('problem' in answer) return failed(`${url}: ${answer.problem}. ${DEPLOY}`);
  const { status, code } = answer;
  if (status === 404) return failed(`There is no ${url} (HTTP 404). ${DEPLOY}`);
  if (status >= 300 && status < 400)
    return failed(`${url} sends one on to another address. Give that one. ${DEPLOY}`);
  if (status === 429)
    return failed(`${url} takes no more requests for now (HTTP 429). Try again in a minute.`);
  const names = variablesIn(answer.body);
  if (status >= 500 && (code === 'NOT_CONFIGURED' || names))
    return failed(
      `The deployed service lacks variables${names && `: ${names}`}. Set them in ${file} and deploy again. ${SEE_LOGS}`,
    );
  if (status >= 500) return failed(`${url} fails (HTTP ${status}). ${SEE_LOGS}`);
  return undefined;
}

/** The variables that an error of ours names; of its text nothing else is shown. */
function variablesIn(body: unknown): string {
  return [...new Set(JSON.stringify(body ?? '').match(/\b[A-Z]+(?:_[A-Z]+)+\b/g))]
    .filter((name) => name !== 'NOT_CONFIGURED' && name !== 'INTERNAL_ERROR')
    .join(', ');
}

const isLoopback = (url: string) => ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname);

export const closed = deployedCheck('MCP endpoint, without a token', '/mcp', {
  request: () => ({}),
  judge({ status, challenge, code }, url, { file }) {
    if (status === 401 && code === 'NOT_CONFIGURED')
      return failed(
        `The deployed service has no credential configured and lets nobody in. Set MCP_TOKENS in ${file} (npm run token prints its line) and deploy again.`,
      );
    if (status === 401 && /^Bearer\b/i.test(challenge)) return ok('It refuses, and says how to log in.');
    if (status === 401)
      return failed(
        `${url} refuses without the header WWW-Authenticate: it is not this project, or something in between removes it.`,
      );
    if (status < 300 || status === 405)
      return failed(`${url} lets in who has no token. Take it down and deploy this project again.`);
    return failed(`${url} answers HTTP ${status} in place of 401. ${DEPLOY}`);
  },
});

export const open = deployedCheck('MCP endpoint, with MCP_AUTH_TOKEN', '/mcp', {
  hindrance({ variables }, url) {
    if (!variables.MCP_AUTH_TOKEN) return unchecked('There is no MCP_AUTH_TOKEN to ask with.');
    if (url.startsWith('https:') || isLoopback(url)) return undefined;
    return failed(`${url} is not https: the token was not sent, for others could read it on the way.`);
  },
  request: ({ variables }) => ({
    method: 'POST',
    headers: {
      authorization: `Bearer ${variables.MCP_AUTH_TOKEN}`,
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: {
        protocolVersion: LATEST_PROTOCOL_VERSION,
        capabilities: {},
        clientInfo: { name: 'doctor', version: '1.0.0' },
      },
    }),
  }),
  judge({ status, body }, url, { file }) {
    if (status === 401)
      return failed(
        `The deployed service refuses it: it has another token than ${file}. Deploy again, or copy its token to ${file}.`,
      );
    const { result } = Object(body) as { result?: unknown };
    const { serverInfo } = Object(result) as { serverInfo?: unknown };
    if (status === 200 && serverInfo) return ok('A client can initialize.');
    return failed(`${url} answers HTTP ${status} to initialize, without the name of a server. ${DEPLOY}`);
  },
});

/** A form that holds no payment: what gets as far as our parser is refused as BAD_REQUEST and changes nothing. */
const formOf = ({ config }: Patient) => ({ AccountSid: config?.ACCOUNT_SID ?? '', Doctor: 'probe' });

export const unsignedCallback = deployedCheck('Status callback, unsigned', '/payment-status', {
  request: (patient) => ({ method: 'POST', body: new URLSearchParams(formOf(patient)) }),
  judge({ status, code }, url) {
    if (code === 'BAD_REQUEST')
      return failed(
        'An unsigned form got past the signature check: CALLBACK_SIGNATURE is gateway and no gateway stands before it. Set CALLBACK_SIGNATURE=verify.',
      );
    if ([400, 401, 403].includes(status)) return ok(`It is refused (HTTP ${status}).`);
    return failed(`${url} answers HTTP ${status} to an unsigned form in place of refusing it. ${DEPLOY}`);
  },
});

export const signedCallback = deployedCheck('Status callback, signed', '/payment-status', {
  hindrance({ variables, config, file }) {
    if (!config) return unchecked('The variables must be right first.');
    return variables.AUTH_TOKEN ? undefined : unchecked(`There is no AUTH_TOKEN in ${file} to sign with.`);
  },
  request(patient, url) {
    const form = formOf(patient);
    const signature = twilio.getExpectedTwilioSignature(patient.variables.AUTH_TOKEN ?? '', url, form);
    return { method: 'POST', headers: { 'x-twilio-signature': signature }, body: new URLSearchParams(form) };
  },
  judge({ status, code }, url, { file }) {
    if (code === 'BAD_REQUEST') return ok('It arrives with its signature.');
    if (code === 'BAD_SIGNATURE')
      return failed(
        `${url} refuses a signed form. AUTH_TOKEN in ${file} is not the account's primary one, or the deployed PUBLIC_URL is not this address: set it to that and deploy again. If both are right, the platform hides the header X-Twilio-Signature: set CALLBACK_SIGNATURE=gateway.`,
      );
    if (code === 'NOT_CONFIGURED')
      return failed(
        'The deployed service has no AUTH_TOKEN to check with. Deploy it with npm run deploy, which includes the credentials.',
      );
    if ([400, 401, 403].includes(status))
      return failed(
        `Twilio's own check refuses a signed form (HTTP ${status}) before it reaches the service: AUTH_TOKEN in ${file} is not the primary Auth Token of the account and region that ${url} is deployed to.`,
      );
    return failed(
      `${url} answers HTTP ${status} to a form without a payment: it is not this project. ${DEPLOY}`,
    );
  },
});

/** An account's Webhooks Rule makes Twilio sign with a shared key (https://www.twilio.com/docs/usage/security). */
const sharedKeySigned = deployedCheck('WEBHOOK_SHARED_KEY', '/payment-status', {
  request(patient, url) {
    const form = formOf(patient);
    const key = patient.variables.WEBHOOK_SHARED_KEY ?? '';
    const signature = twilio.getExpectedTwilioSignature(key, url, form, 'HMAC_SHA256');
    const headers = {
      'x-twilio-signature': signature,
      'x-twilio-webhooks-signature-settings': 'key=doctor,algorithm=HMAC_SHA256',
    };
    return { method: 'POST', headers, body: new URLSearchParams(form) };
  },
  judge({ status, code }, url, { file }) {
    if (code === 'BAD_REQUEST') return ok('A form that is signed with it arrives.');
    if (code === 'SHARED_KEY_UNKNOWN' || code === 'BAD_SIGNATURE')
      return failed(`${url} has another shared key than ${file}, or none. ${DEPLOY}`);
    return failed(
      `${url} answers HTTP ${status} to a form that is signed with it: Twilio's own gateway may know the Auth Token alone.`,
    );
  },
});

export const sharedKey: Check = {
  name: sharedKeySigned.name,
  run: async (patient) =>
    patient.variables.WEBHOOK_SHARED_KEY
      ? sharedKeySigned.run(patient)
      : [
          ok(
            'It is not set. If a Webhooks Rule of the account signs with a shared key, callbacks are refused as SHARED_KEY_UNKNOWN: set it then.',
          ),
        ],
};

/** Twilio calls back at PUBLIC_URL, so what is checked elsewhere says nothing about callbacks. */
export const address: Check = {
  name: 'PUBLIC_URL',
  async run({ variables, url }) {
    const own = variables.PUBLIC_URL?.replace(/^(https?:\/\/)[^/]*@/i, '$1').replace(/\/+$/, '');
    if (!url || !own || own === url) return [];
    return [
      {
        status: 'warning',
        text: 'It is not the address that was given with --url, which is what was checked; Twilio will call PUBLIC_URL. Correct one of the two.',
      },
    ];
  },
};
