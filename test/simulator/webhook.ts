import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AttemptStatus } from './callback-record.ts';

/** One attempt to post a form. Times in milliseconds. */
export interface WebhookAttempt {
  readonly url: URL;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connectTimeout: number;
  readonly readTimeout: number;
  readonly signal: AbortSignal;
}

/** Makes one attempt and says how it ended. */
export type Post = (attempt: WebhookAttempt) => Promise<AttemptStatus>;

/**
 * Posts once and says how it ended. Failing to connect (also to agree on TLS) is `ct`, silence or a connection that
 * breaks after that is `rt`; the page on connection overrides does not say where a broken connection belongs.
 */
export function postOnce(attempt: WebhookAttempt): Promise<AttemptStatus> {
  return new Promise((resolve) => {
    const secure = attempt.url.protocol === 'https:';
    let connected = false;
    let timer: NodeJS.Timeout | undefined;
    const request = (secure ? httpsRequest : httpRequest)(attempt.url, {
      method: 'POST',
      headers: { ...attempt.headers, 'content-length': String(Buffer.byteLength(attempt.body)) },
      // A connection of its own for each post: a receiver that restarted must not look like a failure of this one.
      agent: false,
      signal: attempt.signal,
    });
    const end = (status: AttemptStatus): void => {
      clearTimeout(timer);
      resolve(status);
      request.destroy();
    };
    timer = setTimeout(() => end('ct'), attempt.connectTimeout);
    request.on('socket', (socket) => {
      socket.once(secure ? 'secureConnect' : 'connect', () => {
        connected = true;
        clearTimeout(timer);
        timer = setTimeout(() => end('rt'), attempt.readTimeout);
      });
    });
    request.on('error', () => end(connected ? 'rt' : 'ct'));
    request.on('response', (response) => {
      response.on('error', () => end('rt'));
      response.on('end', () => end(response.statusCode ?? 500));
      response.resume();
    });
    request.end(attempt.body);
  });
}
