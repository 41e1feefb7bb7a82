import { age, languageName, personName, time } from './format.ts';
import type { Model } from './model.ts';
import type { Payment } from './payment.ts';
import type { Band, StateName } from './screen.ts';
import { isOver, openField, ownState } from './state.ts';
import type { Say } from './words.ts';

export interface Context {
  model: Model;
  payment: Payment;
  state: StateName;
  say: Say;
  /** Seconds since the payment was read. */
  elapsed: number;
}

/** The loudest place of the screen: what to say to the caller now, or what to wait for. */
export function bandOf(context: Context): Band {
  const { model, payment, state, say } = context;
  const { link, language, now } = model;
  switch (state) {
    case 'offline':
    case 'busy': {
      const since = age((now - link.readAt) / 1000, language);
      const n = Math.max(0, Math.ceil((link.retryAt - now) / 1000));
      const caption = state === 'busy' ? say('tooMany') : say('noConnection', { age: since });
      const text = say('lastKnown', { time: time(link.readAt, language, true), n });
      return { tone: 'warn', icon: 'off', caption, text };
    }
    case 'asked':
      return { tone: 'warn', icon: 'alert', caption: say('beforeCancel'), text: say('cancelMeans') };
    case 'look': {
      const text = say(payment.amount > 0 ? 'onlyIfYes' : 'saveOnlyIfYes');
      return { tone: '', icon: 'me', caption: say('lastLook'), text };
    }
    case 'typing': {
      const isPound = ['postal-code', 'bank-account-number'].includes(openField(payment)?.name ?? '');
      const text = say(isPound ? 'letThemFinishPound' : 'letThemFinish');
      return { tone: '', icon: 'keys', caption: say('listen'), text };
    }
    case 'handed-over':
      return { tone: 'say', icon: 'me', caption: say('overToYou'), text: say('botPrepared') };
    case 'canceling':
      return { tone: '', icon: 'spin', caption: say('wait'), text: say('waitCanceling') };
    case 'ended':
      return { tone: '', icon: 'down', caption: say('nobody'), text: say('hungUp') };
    case 'watching':
      return watchingBand(context);
    default:
      return sentenceBand(context);
  }
}

/** Who watches reads along what the other one says. */
function watchingBand({ model, payment, say }: Context): Band {
  const who = personName(payment.holder, model.you, say);
  if (ownState(payment) === 'typing')
    return { tone: '', icon: 'keys', caption: say('listen'), text: say('letThemFinish') };
  if (!payment.say) return { tone: '', icon: 'eye', caption: say('hasItNow', { who }), text: say('seesAll') };
  return sentence(payment, say, model, { tone: '', icon: 'say', caption: say('whoSaid', { who }) });
}

/** The server's sentence, in the caller's language: grey while it is not yet time to say it. */
function sentenceBand({ model, payment, say }: Context): Band {
  const text = payment.say || payment.before;
  if (!text) {
    const [caption, fate] = isOver(payment)
      ? (['tagFailed', 'noPayment'] as const)
      : (['wait', 'wait'] as const);
    return { tone: '', icon: 'me', caption: say(caption), text: say(fate) };
  }
  // How it works is said at once; what to type, when Twilio listens.
  const isLater = !payment.say && payment.phase !== 'started';
  return sentence({ ...payment, say: text }, say, model, {
    tone: isLater ? '' : 'say',
    icon: 'say',
    caption: say(isLater ? 'sayThen' : 'sayNow'),
  });
}

function sentence(payment: Payment, say: Say, { language }: Model, band: Omit<Band, 'text'>): Band {
  const { say: text, language: spoken } = payment;
  const isForeign = spoken.split('-')[0] !== language;
  return {
    ...band,
    text,
    language: spoken,
    ...(isForeign && { languageName: say('inLanguage', { language: languageName(spoken, language) }) }),
  };
}
