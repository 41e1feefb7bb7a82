import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';
import type {
  JsonSchemaType,
  JsonSchemaValidator,
  jsonSchemaValidator,
} from '@modelcontextprotocol/sdk/validation/types.js';

/** Compiles each schema once for all agents: that takes longer than most scenarios. */
class SchemaBook implements jsonSchemaValidator {
  readonly #ajv = new AjvJsonSchemaValidator();
  readonly #known = new Map<string, JsonSchemaValidator<unknown>>();

  getValidator<T>(schema: JsonSchemaType): JsonSchemaValidator<T> {
    const key = JSON.stringify(schema);
    const validator = this.#known.get(key) ?? this.#ajv.getValidator<unknown>(schema);
    this.#known.set(key, validator);
    return validator as JsonSchemaValidator<T>;
  }
}

export const schemas: jsonSchemaValidator = new SchemaBook();
