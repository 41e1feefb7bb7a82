/** The Functions platform as far as we use it (https://www.twilio.com/docs/serverless/functions-assets/functions/invocation). */

/** Variables of the service, as strings, with a few members of the platform's own. */
export type Context = Record<string, unknown>;

/** Query parameters and the parsed body in one object, with the headers beside them. */
export type Event = Record<string, unknown>;

export type Callback = (error: null, response: PlatformResponse) => void;

export type Handler = (context: Context, event: Event, callback: Callback) => Promise<void>;

export interface PlatformResponse {
  setStatusCode(status: number): void;
  setBody(body: unknown): void;
  appendHeader(name: string, value: string): void;
}

interface PlatformGlobals {
  Twilio: { Response: new () => PlatformResponse };
  Runtime: { getAssets(): Record<string, { open(): string } | undefined> };
}

/** The two globals that the platform sets before it loads a function. */
export const platform = globalThis as unknown as PlatformGlobals;
