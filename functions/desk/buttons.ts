import type { Context } from './band.ts';
import { endedView } from './ended.ts';
import { money } from './format.ts';
import { fieldOf } from './payment.ts';
import type { Button, PaymentScreen, Turn } from './screen.ts';
import { nextCapture } from './state.ts';

type Foot = Pick<PaymentScreen, 'primary' | 'secondary' | 'note'>;

/** The one next action and the way out. Who has nothing to press sees who is at work. */
export function buttonsOf(context: Context): Foot {
  const { model, say } = context;
  const foot = footOf(context);
  const { busy } = model;
  if (!busy || !('action' in foot.primary)) return foot;
  // What was pressed keeps its place and size until the answer is there.
  const isPressed = JSON.stringify(busy) === JSON.stringify(foot.primary.action);
  if (!isPressed) return foot;
  const words = {
    capture: 'turnOpening',
    cancel: 'tagCanceling',
    restart: 'turnStarting',
    charge: 'tagCharging',
  } as const;
  const word = Object.entries(words).find(([name]) => name === busy.do)?.[1];
  return { ...foot, primary: { icon: 'spin', turn: word ? say(word) : say('wait') } };
}

function footOf(context: Context): Foot {
  const { model, payment, state, say, elapsed } = context;
  const cancel: Button = { text: say('cancel'), action: { do: 'ask-cancel' }, key: 'Esc' };
  const close: Button = { text: say('close'), action: { do: 'list' }, key: 'Esc' };
  const away = model.isChat ? {} : { secondary: close };
  const add: Button = { text: say('newPayment'), action: { do: 'new' }, key: 'N' };
  const turn = (icon: Turn['icon'], text: string, rest: Partial<Foot> = {}): Foot => ({
    primary: { icon, turn: text },
    note: '',
    ...rest,
  });
  const press = (button: Button, rest: Partial<Foot> = {}): Foot => ({
    primary: { tone: 'go', ...button },
    note: '',
    ...rest,
  });
  // Beside what was, or may have been, charged on this call only by another word of the person's.
  const startAs = (what: 'restart' | 'take-over', text: string): Button =>
    model.paidBefore > 0
      ? { text: say('second'), action: { do: what, another: true } }
      : { text, action: { do: what } };
  const next = nextCapture(payment);
  const isCharge = payment.amount > 0;
  const capture = next && ({ do: 'capture', capture: next } as const);

  switch (state) {
    case 'waiting':
    case 'refused': {
      if (!capture) return turn('spin', say('turnOpening'), { secondary: cancel });
      const ask = say(`ask.${fieldOf(capture.capture)}`);
      const isAgain = state === 'refused' || capture.capture.endsWith('-matcher');
      const text = isAgain ? say('askAgain', { ask }) : ask;
      return press({ text, action: capture, key: '↵' }, { secondary: cancel });
    }
    case 'stop': {
      const retry = capture && { text: say('tryOnce'), action: capture, key: 'R' };
      const stop: Button = { text: say('cancelPayment'), action: { do: 'ask-cancel' }, key: '↵' };
      return press(stop, retry ? { secondary: retry } : {});
    }
    case 'listening':
      return turn('ear', say('turnFirst'), { secondary: cancel });
    case 'typing':
      return turn('keys', say('turnTyping'), { secondary: cancel });
    case 'ready': {
      const text = say(isCharge ? 'review' : 'reviewSave');
      if (!payment.may.charge) return turn('eye', say('noRights'), { secondary: cancel });
      return press({ text, action: { do: 'look' }, key: '↵' }, { secondary: cancel });
    }
    case 'look': {
      const amount = money(payment.amount, payment.currency, model.language);
      const text = isCharge ? say('charge', { amount }) : say('save');
      const back: Button = { text: say('back'), action: { do: 'back' }, key: 'Esc' };
      return press({ text, action: { do: 'charge' }, key: `${say('ctrl')} ↵` }, { secondary: back });
    }
    case 'confirming':
      return turn('keys', say('turnConfirming'), {
        secondary: dead(say('cancel')),
        note: say('noteCompleting'),
      });
    case 'completing': {
      const overdue = overdueFoot(context);
      if (overdue) return overdue;
      const n = Math.floor(payment.completingSeconds + elapsed);
      return turn('spin', say('turnBank', { n }), {
        secondary: dead(say('cancel')),
        note: say('noteCompleting'),
      });
    }
    case 'asked':
      return press(
        { text: say('keepGoing'), action: { do: 'keep' }, key: 'Esc' },
        { secondary: { text: say('cancelPayment'), action: { do: 'cancel' }, key: 'Y', tone: 'stop' } },
      );
    case 'canceling':
      if (payment.nextStep !== 'cancelPaymentCapture') return turn('spin', say('tagCanceling'));
      return press({ text: say('cancelAgain'), action: { do: 'cancel' }, key: '↵' });
    case 'handed-over': {
      const text = say(isCharge ? 'review' : 'reviewSave');
      return press({ ...startAs('take-over', text), key: '↵', icon: 'me' }, { note: say('noteTakeOver') });
    }
    case 'watching': {
      if (!payment.may.write || !payment.may.any || payment.isMine) return turn('eye', say('readOnly'), away);
      const text = say(payment.history.some(({ client }) => client === model.you) ? 'takeBack' : 'takeOver');
      return press({ ...startAs('take-over', text), key: 'T', icon: 'me' }, { note: say('noteTakeOver') });
    }
    case 'offline':
    case 'busy':
      return press({ text: say('tryNow'), action: { do: 'refresh' }, key: '↵', icon: 'again' });
    case 'unknown': {
      const again: Button = { text: say('lookAgain'), action: { do: 'refresh' }, key: 'L' };
      const what = payment.reference || payment.paymentSid;
      return copyOr(context, { text: say('copyWhat'), what }, again);
    }
    case 'paid':
    case 'saved': {
      const what = state === 'paid' ? payment.confirmationCode : payment.token;
      const text = say(state === 'paid' ? 'copyCode' : 'copyRef');
      return copyOr(context, { text, what }, model.isChat ? undefined : add);
    }
    case 'ended':
      if (model.isChat) return turn('down', say('nobody'));
      return press({ text: say('newCall'), action: { do: 'new', from: formOf(context) }, key: '↵' }, away);
    default: {
      if (!payment.may.write) return turn('eye', say('readOnly'), away);
      const isBank = payment.paymentMethod === 'ach-debit';
      const other = isBank ? 'anotherAccount' : 'another';
      const text = say(state === 'declined' ? other : 'restart');
      return press({ ...startAs('restart', text), key: '↵' }, away);
    }
  }
}

/** A result that does not come is asked for again, which is safe; then it is called off, if Twilio lets it. */
function overdueFoot({ payment, say }: Context): Foot | undefined {
  if (!payment.isMine) return undefined;
  if (payment.nextStep === 'completePaymentCapture' && payment.may.charge) {
    const primary: Button = { text: say('askBank'), action: { do: 'ask-bank' }, key: '↵', tone: 'go' };
    return { primary, note: say('noteAskBank') };
  }
  if (payment.nextStep !== 'cancelPaymentCapture' || !payment.may.write) return undefined;
  const primary: Button = { text: say('callOff'), action: { do: 'cancel' }, key: '↵', tone: 'go' };
  return { primary, note: say('noteCallOff') };
}

const dead = (text: string) => ({ text, disabled: true }) as const;

/** Copying where the clipboard is allowed; otherwise the way on stands in its place, and the text can be selected. */
function copyOr(
  { model, payment, say }: Context,
  { text, what }: { text: string; what: string },
  other: Button | undefined,
): Foot {
  if (!model.canCopy || !what) {
    if (other) return { primary: { ...other, tone: 'go' }, note: '' };
    const { icon, text: turn } = endedView(payment, model.you, say, model.language).tag;
    return { primary: { icon, turn }, note: '' };
  }
  const isCopied = model.copied === what;
  const copy: Button = {
    text: isCopied ? say('copied') : text,
    action: { do: 'copy', text: what },
    key: 'C',
    icon: isCopied ? 'check' : 'copy',
    tone: 'go',
  };
  return { primary: copy, ...(other && { secondary: other }), note: '' };
}

/** The form of a payment with the same terms, for another call. */
function formOf({ payment }: Context) {
  const kind = payment.paymentMethod === 'ach-debit' ? 'bank' : payment.amount > 0 ? 'charge' : 'save';
  return {
    kind,
    amount: payment.amount > 0 ? String(payment.amount) : '',
    currency: payment.currency,
    reference: payment.reference,
    language: payment.language,
  } as const;
}
