import { onTestFinished } from 'vitest';
import type { Expected } from './checks/index.ts';
import { type Host, type HostOptions, startHost } from './host/host.ts';
import { layOut } from './layout.ts';
import type { UploadedBuild, UploadedFile } from './uploaded-build.ts';

export const DOMAIN = 'agent-payments-mcp-1234-dev.twil.io';
export const AUTH_TOKEN = '0123456789abcdef0123456789abcdef';
const ACCOUNT_SID = `AC${'1'.repeat(32)}`;

/** Answers with what it is told about itself. */
export const ECHO = `
  let runs = 0;
  exports.handler = (context, event, callback) => {
    runs += 1;
    const { getTwilioClient, ...variables } = context;
    callback(null, { pid: process.pid, runs, context: variables, event });
  };`;

export function file(path: string, content: string, rest: Partial<UploadedFile> = {}): UploadedFile {
  return {
    path,
    visibility: 'public',
    contentType: 'application/javascript',
    ...rest,
    content: Buffer.from(content),
  };
}

/** A build in which nothing is wrong, and what was expected of it. */
export function goodBuild(): { build: UploadedBuild; expected: Expected } {
  return {
    build: {
      functions: [file('/mcp', ECHO), file('/payment-status', ECHO, { visibility: 'protected' })],
      assets: [
        file('/assets/index.html', '<html></html>', { contentType: 'text/html' }),
        file('/prompts/error.md', 'It failed.', { visibility: 'private', contentType: 'text/markdown' }),
      ],
      dependencies: [
        { name: '@twilio/runtime-handler', version: '2.0.1' },
        { name: 'twilio', version: '6.3.1' },
      ],
      runtime: 'node22',
      variables: { CURRENCY: 'USD' },
      service: { sid: `ZS${'2'.repeat(32)}`, uniqueName: 'agent-payments-mcp', includeCredentials: true },
      environment: {
        sid: `ZE${'3'.repeat(32)}`,
        uniqueName: 'dev-environment',
        domainSuffix: 'dev',
        domainName: DOMAIN,
      },
    },
    expected: {
      functions: { '/mcp': 'public', '/payment-status': 'protected' },
      assets: { '/assets/index.html': 'public', '/prompts/error.md': 'private' },
      dependencies: { '@twilio/runtime-handler': '2.0.1', twilio: '6.3.1' },
      runtime: 'node22',
      variables: { CURRENCY: 'USD' },
    },
  };
}

export type ServeOptions = Pick<HostOptions, 'switches' | 'limits'> & {
  variables?: () => Record<string, string>;
};

/** Serves files until the test ends, without any dependency. */
export async function serve(
  files: Partial<Pick<UploadedBuild, 'functions' | 'assets'>>,
  { switches = {}, limits = {}, variables = () => ({}) }: ServeOptions = {},
): Promise<Host> {
  const { build } = goodBuild();
  const laidOut = layOut({ ...build, ...files, dependencies: [] });
  const host = await startHost({
    build: laidOut,
    deployment: {
      domainName: DOMAIN,
      serviceSid: build.service.sid,
      environmentSid: build.environment.sid,
      accountSid: ACCOUNT_SID,
      authToken: AUTH_TOKEN,
      includeCredentials: true,
      variables,
    },
    // A test that is cut short must not leave stopped processes behind.
    switches: { afterAnswer: 'running', ...switches },
    limits,
  });
  onTestFinished(async () => {
    await host.close();
    laidOut.remove();
  });
  return host;
}

export const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
export const PROMPT = file('/prompts/error.md', 'It failed.', { visibility: 'private' });

/** A Function that gives its callback what an expression says. */
export function answering(expression: string) {
  return file('/run', `exports.handler = (context, event, callback) => callback(null, ${expression});`);
}

export async function statusOf(url: string, init?: RequestInit): Promise<number> {
  return (await fetch(url, init)).status;
}
