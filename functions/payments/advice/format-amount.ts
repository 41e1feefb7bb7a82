import { decimalsOf } from '../session/terms.ts';

/** Where a language is spoken differently in different places, the place whose way of writing amounts is used. */
const LOCALES: Record<string, string> = { en: 'en-US', zh: 'zh-CN', pt: 'pt-BR' };

/** An amount as a language writes it, such as "$49.90" or "49,90 €", with all decimals of its currency (ISO 4217). */
export function formatAmount(value: number, currency: string, language: string): string {
  const decimals = decimalsOf(currency);
  const format = new Intl.NumberFormat(LOCALES[language] ?? language, {
    style: 'currency',
    currency,
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  // Blanks that do not break have no meaning for the ear, and take three bytes each.
  return format.format(value).replace(/[\u00a0\u202f]/g, ' ');
}
