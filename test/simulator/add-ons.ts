import { createHash } from 'node:crypto';
import type { ApiAnswer, ApiRequest } from './api.ts';
import { isoSeconds } from './clock.ts';
import type { World } from './world.ts';

const BASE = 'https://marketplace.twilio.com/v1';
const DEFAULT_PAGE = 50;
const LARGEST_PAGE = 1_000;

/**
 * `GET /v1/InstalledAddOns` (OpenAPI file). Payment connectors are installed in the Console as add-ons with a unique
 * name; that this API lists them is not established.
 */
export function listAddOns({ accountSid, connectors, clock }: World, { query }: ApiRequest): ApiAnswer {
  const wanted = Number(query.get('PageSize') ?? DEFAULT_PAGE) || DEFAULT_PAGE;
  const size = Math.min(Math.max(wanted, 1), LARGEST_PAGE);
  const page = Math.max(Number(query.get('Page') ?? 0) || 0, 0);
  const names = [...connectors.keys()];
  const url = (number: number): string => `${BASE}/InstalledAddOns?PageSize=${size}&Page=${number}`;
  const date = isoSeconds(clock.now());
  return {
    status: 200,
    body: {
      installed_add_ons: names
        .slice(page * size, (page + 1) * size)
        .map((name) => addOn(accountSid, name, date)),
      meta: {
        first_page_url: url(0),
        key: 'installed_add_ons',
        next_page_url: names.length > (page + 1) * size ? url(page + 1) : null,
        page,
        page_size: size,
        previous_page_url: page > 0 ? url(page - 1) : null,
        url: url(page),
      },
    },
  };
}

/** SIDs come from the name: a connector is the same one in every answer. */
function addOn(accountSid: string, name: string, date: string): Record<string, unknown> {
  const sidOf = (prefix: string): string =>
    prefix + createHash('sha256').update(`${prefix}${name}`).digest('hex').slice(0, 32);
  const url = `${BASE}/InstalledAddOns/${sidOf('XE')}`;
  return {
    sid: sidOf('XE'),
    account_sid: accountSid,
    friendly_name: `${name} Pay Connector`,
    description: 'Takes payments over the phone',
    configuration: {},
    unique_name: name,
    date_created: date,
    date_updated: date,
    url,
    links: { extensions: `${url}/Extensions`, available_add_on: `${BASE}/AvailableAddOns/${sidOf('XB')}` },
  };
}
