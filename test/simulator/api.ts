import type { CallbackPost } from './callback-record.ts';
import type { UploadedFile } from './serverless/multipart.ts';

/** One request to a Twilio API, as the route handlers see it. */
export interface ApiRequest {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  /** Of a multipart form. */
  readonly files?: Readonly<Record<string, UploadedFile>>;
  /** The If-Match header, where there is one. */
  readonly ifMatch: string | undefined;
}

/** What a route handler answers, and the status callbacks that the request caused. */
export interface ApiAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly callbacks?: readonly CallbackPost[];
}

/** An error answer in Twilio's form: `{ code, message, more_info, status }` (Twilio's REST error body). */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

export function errorBody(status: number, code: number, message: string): Record<string, unknown> {
  return { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status };
}

/** Code 20404: the resource does not exist (error list). */
export function notFound(path: string): ApiError {
  return new ApiError(404, 20404, `The requested resource ${path} was not found`);
}
