import { failed, ok, type Verdict, WHERE_TO_SET, warning, withConfig } from './check.ts';

/** How far the operator's limits go: what they leave to the agent is worth a thought, though it is allowed. */
export const charges = withConfig('Limits of charges', async ({ settings }) => {
  const { currency, allowedCurrencies, confirmAbove, maxChargeAmount } = settings;
  const verdicts: Verdict[] = [];
  if (allowedCurrencies.length > 0 && !allowedCurrencies.includes(currency))
    verdicts.push(
      failed(
        `CURRENCY is ${currency}, which ALLOWED_CURRENCIES leaves out, so no charge could be made in it. ${WHERE_TO_SET}`,
      ),
    );
  if (allowedCurrencies.length === 0)
    verdicts.push(
      warning(
        `MAX_CHARGE_AMOUNT allows ${maxChargeAmount} of any currency that the connector takes. List those that you mean in ALLOWED_CURRENCIES.`,
      ),
    );
  if (confirmAbove === undefined)
    verdicts.push(
      warning(
        'Charges are made without being confirmed. Set CONFIRM_CHARGES to always, or to above:<amount>, unless a person completes each payment.',
      ),
    );
  return verdicts.length > 0
    ? verdicts
    : [ok(`At most ${maxChargeAmount} ${allowedCurrencies.join(' or ')}, confirmed above ${confirmAbove}.`)];
});
