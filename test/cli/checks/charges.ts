import { failed, ok, type Verdict, warning, whereToSet, withConfig } from './check.ts';

/** How far the operator's limits go: what they leave to the agent is worth a thought, though it is allowed. */
export const charges = withConfig('Limits of charges', async ({ settings }, patient) => {
  const { currency, allowedCurrencies, confirmAbove, maxChargeAmounts } = settings;
  const verdicts: Verdict[] = [];
  if (!allowedCurrencies.includes(currency))
    verdicts.push(
      failed(
        `CURRENCY is ${currency}, which ALLOWED_CURRENCIES leaves out, so no charge could be made in it. ${whereToSet(patient)}`,
      ),
    );
  const unlimited = allowedCurrencies.filter((code) => maxChargeAmounts[code] === undefined);
  if (unlimited.length > 0)
    verdicts.push(
      failed(
        `MAX_CHARGE_AMOUNT has no amount for ${unlimited.join(' and ')}, so no charge could be made in it. Name each allowed currency there, such as USD 1000 EUR 900. ${whereToSet(patient)}`,
      ),
    );
  if (confirmAbove === undefined)
    verdicts.push(
      warning(
        'Charges are made without being confirmed. Set CONFIRM_CHARGES to always, or to above:<amount>, unless a person completes each payment.',
      ),
    );
  if (verdicts.length > 0) return verdicts;
  const limits = allowedCurrencies.map(
    (code) => `${maxChargeAmounts[code]} ${code}, confirmed above ${confirmAbove?.[code] ?? 0}`,
  );
  return [ok(`At most ${limits.join('; ')}.`)];
});
