import { type Capture, fieldOf } from './payment.ts';
import type { Say } from './words.ts';

/** An amount as the desk's language writes it. */
export function money(amount: number, currency: string, language: string): string {
  try {
    return new Intl.NumberFormat(language, { style: 'currency', currency }).format(amount);
  } catch {
    // A currency that is not known yet, or no code at all.
    return `${amount.toFixed(2)} ${currency.slice(0, 3)}`.trim();
  }
}

/** The code of a currency whose sign does not tell which it is, such as the dollar's. */
export function ambiguousCurrency(currency: string, language: string): string {
  try {
    const parts = new Intl.NumberFormat(language, { style: 'currency', currency }).formatToParts(1);
    const sign = parts.find(({ type }) => type === 'currency')?.value ?? '';
    return ['$', '¥', 'kr', '£'].includes(sign) ? currency : '';
  } catch {
    return '';
  }
}

/** A time of day, with seconds where things follow each other closely. */
export function time(at: number, language: string, withSeconds = false): string {
  const second = withSeconds ? ({ second: '2-digit' } as const) : {};
  return new Intl.DateTimeFormat(language, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...second,
  }).format(at);
}

/** A span as clocks show it, `4:12`; `1:04:12` from an hour on. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${two(whole % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}

/** A span in words, short: seconds up to two minutes, then minutes. */
export function age(seconds: number, language: string): string {
  const whole = Math.max(0, Math.round(seconds));
  const [value, unit] = whole < 120 ? [whole, 'second'] : [Math.round(whole / 60), 'minute'];
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' }).format(value);
}

/** A phone number in E.164, in groups that the eye can hold. */
export function phoneNumber(number: string): string {
  const [, country = '', rest = ''] = /^(\+1|\+7|\+\d{2})(\d{4,12})$/.exec(number) ?? [];
  if (!country) return number;
  if (country === '+1' && rest.length === 10)
    return `${country} ${rest.slice(0, 3)} ${rest.slice(3, 6)} ${rest.slice(6)}`;
  return `${country} ${rest.match(/.{1,4}/g)?.join(' ') ?? rest}`;
}

const BRANDS: Record<string, string> = {
  visa: 'Visa',
  mastercard: 'Mastercard',
  amex: 'American Express',
  discover: 'Discover',
  jcb: 'JCB',
  maestro: 'Maestro',
  'diners-club': 'Diners Club',
  enroute: 'enRoute',
  optima: 'Optima',
};

/** A brand under the name that people know; empty if it is not known. */
export function brandName(cardType: string): string {
  return BRANDS[cardType] ?? cardType;
}

/** `1229` as `12/29`. */
export function expiry(value: string): string {
  return /^\d{4}$/.test(value) ? `${value.slice(0, 2)}/${value.slice(2)}` : value;
}

/** The last digits that a mask shows. */
export function lastDigits(mask: string): string {
  return /\d{1,4}$/.exec(mask)?.[0] ?? '';
}

/** The name of a language in another one; its tag as it came if it is none. */
export function languageName(language: string, inLanguage: string): string {
  try {
    return new Intl.DisplayNames([inLanguage], { type: 'language' }).of(language) ?? language;
  } catch {
    return language;
  }
}

/** A field's name; of its second entry too. */
export function fieldName(capture: Capture, say: Say): string {
  const field = say(fieldOf(capture));
  return capture === fieldOf(capture) ? field : say('twice', { field });
}

/** Who did something: the reader, or a name as the server logs it. */
export function personName(client: string, you: string, say: Say): string {
  if (client === you) return say('you');
  return client.replace(/^oauth:/, '') || '?';
}
