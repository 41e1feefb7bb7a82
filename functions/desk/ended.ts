import { brandName, expiry, lastDigits, money, personName, time } from './format.ts';
import type { Payment } from './payment.ts';
import type { Body, Tag } from './screen.ts';
import type { Say } from './words.ts';

/** What an ended payment shows in the place of its fields, and its state in a word. */
export interface EndedView {
  tag: Tag;
  body: Body;
  announcement: string;
}

export function endedView(payment: Payment, you: string, say: Say, language: string): EndedView {
  const { ending, processorWords } = payment;
  const words = processorWords ? [say('theirWords', { words: processorWords })] : [];
  const card = cardLine(payment, say);
  const view = (tag: Tag, title: string, texts: string[], more: Partial<Result> = {}): EndedView => ({
    tag,
    body: {
      kind: 'result',
      tone: tag.tone,
      icon: tag.icon,
      title,
      texts: texts.filter(Boolean),
      steps: [],
      ...more,
    },
    announcement: `${title}${title.endsWith('.') ? '' : '.'} ${texts[0] ?? ''}`.trim(),
  });
  const isBank = payment.paymentMethod === 'ach-debit';

  switch (ending) {
    case 'paid': {
      const at = time(endedAt(payment), language);
      const title = say('paidAt', {
        amount: money(payment.amount, payment.currency, language),
        at,
        time: at,
      });
      const code = payment.confirmationCode;
      const tag: Tag = { tone: 'good', icon: 'check', text: say('tagPaid') };
      const shown = code ? { code: { label: say('confirmation'), text: code } } : {};
      return view(tag, title, [card, code ? '' : say('noCode')], shown);
    }
    case 'saved': {
      const tag: Tag = { tone: 'good', icon: 'check', text: say(isBank ? 'tagBankSaved' : 'tagSaved') };
      const shown = payment.token ? { code: { label: say('token'), text: payment.token } } : {};
      return view(tag, say(isBank ? 'bankSavedTitle' : 'savedTitle'), [card], shown);
    }
    case 'canceled': {
      const entry = payment.history.findLast(({ action }) => action === 'cancel');
      const at = entry && time(entry.at, language);
      const by =
        entry?.client === you
          ? say('canceledByYou', { time: at ?? '' })
          : entry && say('canceledBy', { who: personName(entry.client, you, say), time: at ?? '' });
      const tag: Tag = { tone: 'off', icon: 'x', text: say('tagCanceled') };
      return view(tag, by ?? say('tagCanceled'), [say('canceledMeans')]);
    }
    case 'declined':
      return view({ tone: 'bad', icon: 'x', text: say('tagDeclined') }, say('declinedTitle'), [
        say('noPayment'),
        ...words,
        card,
      ]);
    case 'star':
      return view({ tone: 'warn', icon: 'alert', text: say('tagStar') }, say('starTitle'), [
        say('starMeans'),
      ]);
    case 'call-ended':
      return view({ tone: 'off', icon: 'down', text: say('tagEnded') }, say('endedTitle'), [
        say('endedMeans'),
      ]);
    case 'unknown': {
      const tag: Tag = { tone: 'warn', icon: 'ask', text: say('tagUnknown') };
      const ref = payment.reference || payment.paymentSid;
      const steps = [say('unknown1'), say('unknown2', { ref }), say('unknown3')];
      return { ...view(tag, say('unknownTitle'), [], { steps }), announcement: `${tag.text}. ${steps[0]}` };
    }
    default: {
      const titles = {
        down: 'downTitle',
        'refused-data': 'refusedDataTitle',
        'too-many': 'manyTitle',
      } as const;
      const title = say(Object.entries(titles).find(([name]) => name === ending)?.[1] ?? 'failedTitle');
      const fate = say(ending === 'too-many' ? 'nothingCharged' : 'noPayment');
      return view({ tone: 'warn', icon: 'alert', text: say('tagFailed') }, title, [fate, ...words]);
    }
  }
}
type Result = Extract<Body, { kind: 'result' }>;

/** When the result came: the last line of the history, or the last write. */
function endedAt({ updatedAt }: Payment): number {
  return updatedAt;
}

/** The card or account in words, as the second look names it. */
export function cardWords(payment: Payment, say: Say): string {
  const isBank = payment.paymentMethod === 'ach-debit';
  const name = isBank ? 'bank-account-number' : 'payment-card-number';
  const n = lastDigits(payment.fields.find((field) => field.name === name)?.value ?? '');
  if (isBank) return n ? say('accountEnding', { n }) : say('account');
  const brand = brandName(payment.cardType) || say('unbranded');
  return n ? say('cardEnding', { brand, n }) : say('card', { brand });
}

function cardLine(payment: Payment, say: Say): string {
  const date = payment.expirationDate && say('expires', { date: expiry(payment.expirationDate) });
  const words = cardWords(payment, say);
  return [words.slice(0, 1).toUpperCase() + words.slice(1), date].filter(Boolean).join(', ');
}
