import type { DeskState } from './states.ts';

const PAYLOAD =
  '"\'><img src=x onerror="hacked=1"><script>hacked=1</script><a href="javascript:hacked=1">*x*</a>{n}|';

/** What others write: agents, callers, processors, operators, issuers of tokens. */
const TEXTS = [
  'reference',
  'description',
  'say',
  'before',
  'why',
  'processorWords',
  'holder',
  'you',
  'client',
  'action',
  'connector',
  'caller',
  'currency',
  'language',
  'paymentCardType',
  'expirationDate',
  'paymentConfirmationCode',
  'paymentToken',
  'error',
];

/** The same state, with markup in every text that others write. */
export function hostile(state: DeskState): DeskState {
  const { status, list } = state;
  return { ...state, ...(status && { status: infected(status) }), ...(list && { list: infected(list) }) };
}

function infected<T>(value: T): T {
  if (Array.isArray(value)) return value.map(infected) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, is]) => [
    name,
    typeof is === 'string' && TEXTS.includes(name) ? is + PAYLOAD : infected(is),
  ]);
  return Object.fromEntries(entries) as T;
}
