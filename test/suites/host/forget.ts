import { LAST_SEEN } from '../../../functions/twilio/last-seen.ts';

/** Has the Functions of this process forget the documents that they saw, as a new instance has seen none. */
export function forget(): void {
  Reflect.deleteProperty(process, LAST_SEEN);
}

/** Has something done by another instance: this one sees none of the documents that it reads or writes. */
export async function elsewhere<R>(work: () => Promise<R>): Promise<R> {
  const here: unknown = Reflect.get(process, LAST_SEEN);
  forget();
  const result = await work();
  Reflect.set(process, LAST_SEEN, here);
  return result;
}
