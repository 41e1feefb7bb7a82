import { deskDetails, rightsOf } from '../../payments/advice/desk-details.ts';
import { LANGUAGES } from '../../payments/advice/sentences.ts';
import { asHolder, paymentStatus } from '../../payments/advice/status.ts';
import { isFinished } from '../../payments/session/phase.ts';
import type { ToolContext } from '../define-tool.ts';

/** What the desk reads beside the status of one payment. A model has the tools for it, so no list names them. */
export const LIVE_URI = 'payment://live';
export const CALLS_URI = 'payment://calls';

/** How many ended payments are shown. */
const MAX_ENDED = 20;

/** All live payments and the newest ended ones, with who asks and what they may do. */
export async function liveList({ payments, view, client, scopes }: ToolContext): Promise<object> {
  const all = { isWanted: () => true, enough: Number.POSITIVE_INFINITY };
  const { payments: found, nextCursor } = await payments.list(all);
  const live = found.filter(({ data }) => !isFinished(data));
  const ended = found
    .filter(({ data }) => isFinished(data))
    .sort((a, b) => b.updatedAt.localeCompare(a.updatedAt))
    .slice(0, MAX_ENDED);
  const shown = asHolder(view());
  const listed = [...live, ...ended].map((stored) => {
    const { history: _, ...desk } = deskDetails(stored, shown, { client, scopes });
    return { ...paymentStatus(stored, shown), desk };
  });
  return {
    you: client,
    may: rightsOf(scopes),
    currencies: payments.currencies,
    languages: LANGUAGES,
    language: shown.language,
    payments: listed,
    more: nextCursor !== undefined,
  };
}

/** The calls on which a payment could be started, the newest first. */
export async function callsList({ payments, view }: ToolContext): Promise<object> {
  const calls = await payments.callsInProgress();
  const { now } = view();
  return {
    calls: calls.map(({ callSid, number, startedAt }) => ({
      callSid,
      number,
      seconds: startedAt > 0 ? Math.max(0, Math.round((now - startedAt) / 1000)) : 0,
    })),
  };
}
