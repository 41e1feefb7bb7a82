import type { Field } from './fields.ts';
import type { Switches } from './switches.ts';

type MaskSwitches = Pick<Switches, 'cardMask' | 'securityMask'>;

/** How a callback shows a finished field: date, postal code and routing number are in clear (Payment resource page). */
export function finishedMask(field: Field, digits: string, switches: MaskSwitches): string {
  switch (field) {
    case 'payment-card-number': {
      const mask = 'x'.repeat(Math.max(0, digits.length - 4)) + digits.slice(-4);
      return switches.cardMask === 'dashed' ? inGroups(mask) : mask;
    }
    case 'bank-account-number':
      return '*'.repeat(Math.max(0, digits.length - 2)) + digits.slice(-2);
    default:
      return growingMask(field, digits, switches);
  }
}

/** How a callback shows a field of which some digits have come: one character a digit, no digit of a secret one. */
export function growingMask(field: Field, digits: string, switches: MaskSwitches): string {
  switch (field) {
    case 'payment-card-number':
      return 'x'.repeat(digits.length);
    case 'security-code':
      return (switches.securityMask === 'stars' ? '*' : 'x').repeat(digits.length);
    case 'bank-account-number':
      return '*'.repeat(digits.length);
    case 'expiration-date':
    case 'postal-code':
    case 'bank-routing-number':
      return digits;
  }
}

/** Groups as printed on the card: 4-6-5 for 15 digits (the documentation's sample), fours otherwise. */
function inGroups(mask: string): string {
  if (mask.length === 15) return `${mask.slice(0, 4)}-${mask.slice(4, 10)}-${mask.slice(10)}`;
  return mask.match(/.{1,4}/g)?.join('-') ?? mask;
}
