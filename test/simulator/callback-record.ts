/** A status callback that the simulator wants to post. */
export interface CallbackPost {
  readonly paymentSid: string;
  readonly callSid: string;
  /** The StatusCallback URL of the session's latest request, with its fragment. */
  readonly url: string;
  readonly params: Readonly<Record<string, string>>;
}

/** How one attempt to post ended: an HTTP status, or the kind of failure in the words of connection overrides. */
export type AttemptStatus = number | 'ct' | 'rt';

/** A status callback and what became of it. */
export interface RecordedCallback extends CallbackPost {
  /** Counts from 0 in the order in which Twilio would have sent them. */
  readonly index: number;
  readonly at: string;
  /** Value of I-Twilio-Idempotency-Token, the same for every attempt. */
  readonly token: string;
  /** Attempts made so far, retries and duplicates included. */
  attempts: number;
  readonly statuses: AttemptStatus[];
  /** A receiver answered it with a status below 400. */
  delivered: boolean;
  /** Given up or dropped without ever having been delivered. */
  lost: boolean;
}
