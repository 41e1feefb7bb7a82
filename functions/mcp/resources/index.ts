import type {
  ListResourcesResult,
  ReadResourceResult,
  ResourceTemplate,
} from '@modelcontextprotocol/sdk/types.js';
import { deskDetails } from '../../payments/advice/desk-details.ts';
import { asHolder, paymentStatus, statusUri } from '../../payments/advice/status.ts';
import { anyHoldsCardNumber } from '../../payments/card-number.ts';
import { PaymentError } from '../../payments/errors.ts';
import type { Payments } from '../../payments/payments.ts';
import { isFinished, phaseOf } from '../../payments/session/phase.ts';
import type { PaymentSession } from '../../payments/session/session.ts';
import type { ToolContext } from '../define-tool.ts';
import { RPC_CODES, RpcError } from '../json-rpc.ts';
import { DESK_URI, type DeskContext, deskApp } from './desk-app.ts';
import { CALLS_URI, callsList, LIVE_URI, liveList } from './desk-lists.ts';

const STATUS_URI = /^payment:\/\/ca([0-9a-f]{32})\/(PK[0-9a-fA-F]{32})\/status$/;
const mimeType = 'application/json';

export const RESOURCE_TEMPLATES: ResourceTemplate[] = [
  {
    name: 'PaymentStatus',
    title: 'Payment status',
    uriTemplate: 'payment://{callSid}/{paymentSid}/status',
    description: 'Where a payment stands: what is captured (masked), what is missing, what to do next',
    mimeType,
  },
];

/** @throws RpcError for a URI that is neither a payment's nor the desk's. */
export async function readResource(
  uri: string,
  context: ToolContext & DeskContext,
): Promise<ReadResourceResult> {
  const { payments, view } = context;
  const place = canonical(uri);
  if (place === DESK_URI) return deskApp(uri, context);
  if (place === LIVE_URI) return json(uri, await liveList(context));
  if (place === CALLS_URI) return json(uri, await callsList(context));
  const [, digits, paymentSid] = STATUS_URI.exec(place) ?? [];
  if (!digits || !paymentSid) throw notFound(uri);
  try {
    const stored = await payments.status({ callSid: `CA${digits}`, paymentSid });
    const shown = asHolder(view());
    const status = { ...paymentStatus(stored, shown), desk: deskDetails(stored, shown, context) };
    return json(uri, status);
  } catch (error) {
    if (error instanceof PaymentError && error.code === 'PAYMENT_NOT_FOUND') throw notFound(uri);
    throw error;
  }
}

/** Scheme and host of a URI are the same in capitals and small letters (RFC 3986, section 6.2.2.1): some clients lower them. */
function canonical(uri: string): string {
  return uri.replace(/^[^/]*:\/\/[^/]*/, (schemeAndHost) => schemeAndHost.toLowerCase());
}

function json(uri: string, value: object): ReadResourceResult {
  return { contents: [{ uri, mimeType, text: JSON.stringify(value) }] };
}

/** With that many on a page it ends. */
const ENOUGH = 50;

/** One page of the live payments that the client may see, in the order that Sync gives. */
export async function listResources(
  cursor: string | undefined,
  payments: Payments,
): Promise<ListResourcesResult> {
  const isWanted = (session: PaymentSession) => !isFinished(session);
  const page = await payments.list({ cursor, isWanted, enough: ENOUGH });
  const { nextCursor } = page;
  return {
    resources: page.payments.map(({ data: session }) => ({
      uri: statusUri(session),
      name: 'PaymentStatus',
      title: `Payment ${session.paymentSid} (${phaseOf(session)})`,
      mimeType,
    })),
    ...(nextCursor && { nextCursor }),
  };
}

function notFound(uri: string): RpcError {
  const data = anyHoldsCardNumber(uri) ? undefined : { uri: uri.slice(0, 200) };
  return new RpcError(RPC_CODES.resourceNotFound, 'There is no such payment.', data);
}
