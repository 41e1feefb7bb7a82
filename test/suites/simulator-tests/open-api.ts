import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Exchange } from './scene.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly nullable?: boolean;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: Schema;
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}

interface Spec {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** Added to the API after the file was made (March 2026). */
const NEWER_PARAMETERS = ['RequireMatchingInputs', 'Confirmation'];
const NEWER_VALUE = /-matcher$/;

const folder = createRequire(import.meta.url)
  .resolve('@twilio-alpha/mcp/package.json')
  .replace('package.json', 'twilio-oai/spec/json/');

function readSpec(name: string): Spec {
  return JSON.parse(readFileSync(folder + name, 'utf8'));
}

const SPECS: Readonly<Record<string, Spec>> = {
  'api.twilio.com': readSpec('twilio_api_v2010.json'),
  'sync.twilio.com': readSpec('twilio_sync_v1.json'),
  'serverless.twilio.com': readSpec('twilio_serverless_v1.json'),
  'marketplace.twilio.com': readSpec('twilio_marketplace_v1.json'),
};

/** The form of an operation's request: each parameter with its type, and its values where it has few. */
export function formOf(host: string, path: string): Readonly<Record<string, Parameter['schema']>> {
  const spec = SPECS[host];
  const content = spec?.paths[path]?.post?.requestBody?.content['application/x-www-form-urlencoded'];
  const properties = Object.entries(content?.schema.properties ?? {});
  const resolved = ([name, schema]: [string, Schema]) => {
    const reference = schema.$ref?.split('/').at(-1) ?? '';
    return [name, spec?.components.schemas[reference] ?? schema];
  };
  return Object.fromEntries(properties.map(resolved));
}

/** Everything about a request and its answer that Twilio's OpenAPI file does not allow. */
export function violations({ request, status, body }: Exchange): string[] {
  const url = new URL(request.uri);
  const spec = SPECS[url.hostname];
  const found = Object.entries(spec?.paths ?? {}).find(([path]) => pattern(path).test(url.pathname));
  const method = request.method.toLowerCase();
  const operation = found?.[1][method];
  if (!spec || !operation) return [`no operation ${method} ${url}`];
  const check = new Check(spec);
  const given = {
    ...Object.fromEntries(url.searchParams),
    ...Object(request.params),
    ...Object(request.data),
  };
  check.parameters(operation, given);
  check.answer(operation, status, body);
  return check.problems;
}

function pattern(path: string): RegExp {
  return new RegExp(`^${path.replace(/\./g, '\\.').replace(/\{[^}]+\}/g, '[^/]+')}$`);
}

class Check {
  readonly problems: string[] = [];
  readonly #spec: Spec;

  constructor(spec: Spec) {
    this.#spec = spec;
  }

  parameters(operation: Operation, given: Readonly<Record<string, unknown>>): void {
    const form = operation.requestBody?.content['application/x-www-form-urlencoded']?.schema;
    const known: Record<string, Schema> = { ...form?.properties };
    for (const parameter of operation.parameters ?? [])
      if (parameter.in === 'query') known[parameter.name] = parameter.schema;
    for (const [name, value] of Object.entries(given)) {
      if (value === undefined || NEWER_PARAMETERS.includes(name)) continue;
      const schema = known[name];
      if (!schema) this.problems.push(`unknown parameter ${name}`);
      else this.#enumeration(name, this.#resolve(schema), value);
    }
    for (const name of form?.required ?? [])
      if (given[name] === undefined) this.problems.push(`${name} is missing`);
  }

  answer(operation: Operation, status: number, body: unknown): void {
    const response = operation.responses[status];
    if (!response) {
      this.problems.push(`status ${status} is not foreseen`);
      return;
    }
    const schema = response.content?.['application/json']?.schema;
    if (schema) this.#value('body', schema, body);
  }

  #value(at: string, reference: Schema, value: unknown): void {
    const schema = this.#resolve(reference);
    if (value === null) {
      if (!schema.nullable) this.problems.push(`${at} is null`);
      return;
    }
    this.#enumeration(at, schema, value);
    if (!hasType(value, schema.type)) this.problems.push(`${at} is not of type ${schema.type}`);
    if (typeof value === 'string') this.#text(at, schema, value);
    if (Array.isArray(value))
      for (const [index, item] of value.entries()) this.#value(`${at}[${index}]`, schema.items ?? {}, item);
    else if (schema.properties) this.#properties(at, schema.properties, Object(value));
  }

  #properties(
    at: string,
    properties: Readonly<Record<string, Schema>>,
    value: Readonly<Record<string, unknown>>,
  ): void {
    for (const [name, schema] of Object.entries(properties)) {
      if (value[name] === undefined) this.problems.push(`${at}.${name} is missing`);
      else this.#value(`${at}.${name}`, schema, value[name]);
    }
    for (const name of Object.keys(value))
      if (!properties[name]) this.problems.push(`${at}.${name} is unknown`);
  }

  #text(at: string, { pattern: form, format }: Schema, value: string): void {
    if (form && !new RegExp(form).test(value)) this.problems.push(`${at} does not fit ${form}`);
    const dates: Readonly<Record<string, RegExp>> = {
      'date-time-rfc-2822': /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000$/,
      'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
    };
    const date = dates[format ?? ''];
    if (date && !date.test(value)) this.problems.push(`${at} is not a ${format}`);
  }

  #enumeration(at: string, schema: Schema, value: unknown): void {
    if (!schema.enum || schema.enum.includes(value) || NEWER_VALUE.test(String(value))) return;
    this.problems.push(`${at} may not be ${value}`);
  }

  #resolve(schema: Schema): Schema {
    const name = schema.$ref?.split('/').at(-1);
    return name === undefined ? schema : (this.#spec.components.schemas[name] ?? schema);
  }
}

function hasType(value: unknown, type: string | undefined): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  return type === undefined || typeof value === type;
}
