import type { RawAnswer } from '../host/raw.ts';

/** The parameters of a WWW-Authenticate header with one Bearer challenge (RFC 9110, section 11.6.1). */
export function challengeOf({ headers }: Pick<RawAnswer, 'headers'>): Record<string, string> {
  const header = headers.get('www-authenticate') ?? '';
  const [, list] = /^Bearer (.+)$/.exec(header) ?? [];
  if (!list) throw new Error(`Not a Bearer challenge: ${header}`);
  // A parameter is a token, an equals sign and a quoted string here; commas stand between them.
  const parameter = /([a-z_]+)="((?:[^"\\]|\\.)*)"(?:, |$)/y;
  const parameters: Record<string, string> = {};
  while (parameter.lastIndex < list.length) {
    const [, name, value] = parameter.exec(list) ?? [];
    if (name === undefined || value === undefined) throw new Error(`Malformed challenge: ${header}`);
    if (name in parameters) throw new Error(`A parameter comes twice: ${header}`);
    parameters[name] = value;
  }
  return parameters;
}

/** The code of a refusal; every one has a JSON body. */
export function codeOf({ headers, json }: RawAnswer): string {
  if (!headers.get('content-type')?.startsWith('application/json')) throw new Error('The body is not JSON');
  const { error } = json as { error: { code: string } };
  return error.code;
}
