import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGE = '@twilio/runtime-handler';

/**
 * The versions of the runtime handler that the platform knows *and* npm has, newest first. The platform refuses a build
 * with any other, npm's newest among them (https://www.twilio.com/docs/serverless/functions-assets/handler).
 */
const VERSIONS = ['2.0.1', '2.0.0', '1.3.1', '1.3.0', '1.2.5', '1.2.4', '1.2.3', '1.2.2', '1.2.1'];

/** Runtimes that builds are still made for; node24 raises each of these versions by itself (changelog of 8 July 2026). */
const RUNTIMES = ['node20', 'node22', 'node24'];

/** Whether the platform and npm both have a version of the runtime handler, new enough to give headers (headers page: 1.2). */
export function isHandlerVersion(version: string): boolean {
  return VERSIONS.includes(version);
}

/** What the platform would refuse about a project's runtime handler; undefined if nothing. */
export function handlerProblem(folder: string): string | undefined {
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  const version = dependencies[PACKAGE];
  if (version === undefined)
    return `package.json has no ${PACKAGE} among its dependencies: add ${VERSIONS[0]}.`;
  const runtime = runtimeOf(folder);
  if (runtime !== undefined && !RUNTIMES.includes(runtime))
    return `.twilioserverlessrc names the runtime ${runtime}: builds are made for ${RUNTIMES.join(', ')}.`;
  if (!/^\d+\.\d+\.\d+$/.test(version))
    return `package.json gives ${PACKAGE} as ${version}: Twilio takes an exact version, such as ${VERSIONS[0]}.`;
  if (isHandlerVersion(version)) return undefined;
  return `Twilio does not know ${PACKAGE} ${version} and would refuse the build with error 20001, although npm may have it: pin ${VERSIONS[0]} in package.json (https://www.twilio.com/docs/serverless/functions-assets/handler).`;
}

function runtimeOf(folder: string): string | undefined {
  const file = join(folder, '.twilioserverlessrc');
  if (!existsSync(file)) return undefined;
  return /"?runtime"?\s*:\s*["'](\w+)["']/.exec(readFileSync(file, 'utf8'))?.[1];
}
