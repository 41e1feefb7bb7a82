/** The limits of a deployed Function, adjustable so that tests of them are quick. */
export interface HostLimits {
  /** Then 504, and the process is gone (request-flow page, FAQ). */
  executionMs: number;
  /** Invocations at the same time; one more gets 429 (limits page). */
  concurrency: number;
  /** Of a request, headers included (request-flow page). */
  requestBytes: number;
  /** Of a response (request-flow page). */
  responseBytes: number;
  /** Of all headers of a request or a response, else 431 (headers page, error 82008). */
  headerBytes: number;
  /** Headers of a request or a response, else 431 (headers page, error 82008). */
  headers: number;
}

export const DEFAULT_LIMITS: Readonly<HostLimits> = {
  executionMs: 10_000,
  concurrency: 30,
  requestBytes: 1_024 * 1_024,
  responseBytes: 4 * 1_024 * 1_024,
  headerBytes: 15 * 1_024,
  headers: 90,
};
