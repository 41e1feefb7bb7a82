import type { ApiAnswer, ApiRequest } from '../api.ts';

const DEFAULT_PAGE = 50;
const LARGEST_PAGE = 100;

/** One page of a list with its `meta` (OpenAPI file, `readEmpty` examples). `path` is the list's own. */
export function page<Item>(
  request: ApiRequest,
  key: string,
  items: readonly Item[],
  json: (item: Item) => Record<string, unknown>,
): ApiAnswer {
  const wanted = Number(request.query.get('PageSize') ?? DEFAULT_PAGE) || DEFAULT_PAGE;
  const size = Math.min(Math.max(wanted, 1), LARGEST_PAGE);
  const number = Math.max(Number(request.query.get('Page') ?? 0) || 0, 0);
  const rows = items.slice(number * size, (number + 1) * size);
  const url = (index: number) => `https://${request.host}${request.path}?PageSize=${size}&Page=${index}`;
  return {
    status: 200,
    body: {
      [key]: rows.map(json),
      meta: {
        first_page_url: url(0),
        key,
        next_page_url: items.length > (number + 1) * size ? url(number + 1) : null,
        page: number,
        page_size: size,
        previous_page_url: number > 0 ? url(number - 1) : null,
        url: url(number),
      },
    },
  };
}
