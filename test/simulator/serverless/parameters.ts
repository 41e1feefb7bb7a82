import { ApiError, type ApiRequest } from '../api.ts';
import type { CodeKind, Dependency, Visibility } from './resources.ts';

/**
 * Refusals of the Serverless API carry 20001 where somebody has published one (an empty build:
 * https://github.com/twilio/twilio-cli/issues/215). Status and code of the others are not established; the deploy
 * tools look at neither.
 */
export function refused(message: string, status = 400): ApiError {
  return new ApiError(status, 20001, message);
}

/** A required text with at most so many characters (OpenAPI file, descriptions of the parameters). */
export function textOf({ form }: ApiRequest, name: string, longest: number): string {
  const value = form.get(name);
  if (!value) throw refused(`Missing required parameter ${name} in the post body`);
  if (value.length > longest) throw refused(`${name} must be at most ${longest} characters long`);
  return value;
}

/** A value as its own text says: `true`, `false`, or the default. */
export function flagOf({ form }: ApiRequest, name: string, otherwise: boolean): boolean {
  const value = form.get(name)?.toLowerCase();
  return value === undefined ? otherwise : value === 'true';
}

/** Letters, digits and dashes (create-service page), at most 50 (OpenAPI file): it is the first part of the domains. */
export function serviceNameOf(request: ApiRequest): string {
  const name = textOf(request, 'UniqueName', 50);
  if (!/^[a-z0-9-]+$/i.test(name)) throw refused('UniqueName is not a valid name');
  return name;
}

/** At most 16 characters (OpenAPI file), as a part of a domain. */
export function domainSuffixOf({ form }: ApiRequest): string | undefined {
  const suffix = form.get('DomainSuffix');
  if (suffix === null || suffix === '') return undefined;
  if (!/^[a-z0-9-]{1,16}$/i.test(suffix)) throw refused('DomainSuffix is not valid');
  return suffix;
}

/** At most 450 bytes (OpenAPI file; the Console's editor takes 255). */
export function variableValueOf({ form }: ApiRequest): string {
  const value = form.get('Value');
  if (value === null) throw refused('Missing required parameter Value in the post body');
  if (Buffer.byteLength(value) > 450) throw refused('Value must be at most 450 bytes in size');
  return value;
}

/** Under 256 characters, without those that the tool refuses (Serverless Toolkit, serverless-api utils/fs.ts). */
export function pathOf(request: ApiRequest): string {
  const given = textOf(request, 'Path', 255);
  const path = given.startsWith('/') ? given : `/${given}`;
  if (/[;,?:@+&$()' "#]/.test(path)) throw refused(`Path ${path} contains invalid characters`);
  return path;
}

export function visibilityOf({ form }: ApiRequest): Visibility {
  const value = form.get('Visibility');
  if (value === 'public' || value === 'protected' || value === 'private') return value;
  throw refused('Visibility must be one of public, protected, private');
}

/** Public and protected Assets have at most 25 MB, private ones 10 MB (limits page); of Functions nothing is known. */
export function largestContent(kind: CodeKind, visibility: Visibility): number {
  if (kind === 'functions') return Number.POSITIVE_INFINITY;
  return (visibility === 'private' ? 10 : 25) * 1_024 * 1_024;
}

/** `node24` came after the OpenAPI file (changelog of 8 July 2026). */
const RUNTIMES = ['node8', 'node10', 'node12', 'node14', 'node16', 'node18', 'node20', 'node22', 'node24'];
/** What a build runs on when it does not say (changelog). */
const DEFAULT_RUNTIME = 'node22';

export function runtimeOf({ form }: ApiRequest): string {
  const runtime = form.get('Runtime') || DEFAULT_RUNTIME;
  if (!RUNTIMES.includes(runtime)) throw refused(`Runtime ${runtime} is not supported`);
  return runtime;
}

/**
 * The list as JSON, which the toolkit wraps in one more pair of quotes (serverless-api api/builds.ts). Specs that name
 * files or workspaces are refused (https://github.com/twilio-labs/serverless-toolkit/issues/325).
 */
export function dependenciesOf({ form }: ApiRequest): Dependency[] {
  const text = form.get('Dependencies') ?? '';
  if (text === '') return [];
  let value: unknown;
  try {
    value = JSON.parse(/^"\[.*\]"$/s.test(text) ? text.slice(1, -1) : text);
  } catch {
    throw refused('Dependencies is not valid JSON');
  }
  if (!Array.isArray(value) || !value.every(isDependency))
    throw refused('Dependencies must be a list of objects with name and version');
  const local = value.find(({ version }) => /^(?:file|link|portal|workspace):/.test(version));
  if (local) throw refused(`Dependency ${local.name} has an invalid version ${local.version}`);
  return value.map(({ name, version }) => ({ name, version }));
}

function isDependency(value: unknown): value is Dependency {
  const { name, version } = Object(value);
  return typeof name === 'string' && name !== '' && typeof version === 'string' && version !== '';
}
