import * as z from 'zod';

const sid = (prefix: string) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}[0-9a-fA-F]{32}$`), `must be ${prefix} followed by 32 hexadecimal digits`);

/** A Twilio account, call and payment SID: two letters and 32 hexadecimal digits (https://www.twilio.com/docs/glossary/what-is-a-sid). */
export const accountSid = sid('AC');
export const callSid = sid('CA');
export const paymentSid = sid('PK');
