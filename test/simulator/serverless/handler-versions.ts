/**
 * The versions of `@twilio/runtime-handler` that the platform knows, newest first; it refuses every other one, whatever
 * npm has (https://www.twilio.com/docs/serverless/functions-assets/handler, as of September 2026).
 */
const KNOWN = ['2.1.2', '2.0.1', '2.0.0', '1.3.1', '1.3.0', '1.2.5', '1.2.4', '1.2.3', '1.2.2', '1.2.1'];

/** Older ones stand in the table too, without being told apart here. */
const OLDER = /^1\.(?:[01]\.\d+|2\.0)$/;

/** The refusal of a version, as published in https://github.com/twilio-labs/serverless-toolkit/issues/564. */
export function handlerRefusal(version: string): string | undefined {
  if (KNOWN.includes(version) || OLDER.test(version)) return undefined;
  return `Some dependencies could not be validated. No matching version found for @twilio/runtime-handler@${version}. You can find the valid versions at https://www.twilio.com/docs/serverless/functions-assets/handler`;
}
