import { fieldName, money, personName, time } from './format.ts';
import type { Model } from './model.ts';
import type { Capture, HistoryEntry, Payment } from './payment.ts';
import type { PaymentScreen } from './screen.ts';
import type { Say } from './words.ts';

/** Who did what when: the server's entries, and what was seen here, in the order of time. */
export function historyOf(model: Model, payment: Payment, say: Say): PaymentScreen['history'] {
  const you = model.you;
  const told = payment.history.map((entry) => ({
    at: entry.at,
    text: textOf(entry, payment, model, you, say),
  }));
  const seen = model.seen.map(({ at, what, capture }) => ({
    at,
    text: say(`did.${what}`, { field: fieldName(capture, say) }),
  }));
  return [...told, ...seen]
    .sort((a, b) => a.at - b.at)
    .map(({ at, text }) => ({ time: time(at, model.language, true), text }));
}

function textOf(
  { client, action, outcome }: HistoryEntry,
  payment: Payment,
  model: Model,
  you: string,
  say: Say,
): string {
  const who = personName(client, you, say);
  const amount = money(payment.amount, payment.currency, model.language);
  const [verb = '', capture] = action.split(' ');
  const done = doneText();
  const isDone = ['done', 'asked', ''].includes(outcome) || /^[a-z]/.test(outcome);
  return isDone ? done : say('notDone', { what: done });

  function doneText(): string {
    if (verb === 'capture')
      return say('did.capture', {
        who,
        field: fieldName((capture ?? 'payment-card-number') as Capture, say),
      });
    if (verb === 'complete') return say(payment.amount > 0 ? 'did.complete' : 'did.save', { who, amount });
    if (verb === 'cancel') return say('did.cancel', { who });
    if (verb === 'take-over') return say('did.take-over', { who });
    if (verb === 'start') return say('did.start', { who });
    return `${who}: ${verb}`;
  }
}
