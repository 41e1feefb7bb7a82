import { SERVERLESS_PATHS, SERVERLESS_ROUTES, type ServerlessPlace } from './serverless/routes.ts';

/** The operations of the Twilio APIs that the simulator knows. */
export const ROUTES = [
  'calls.fetch',
  'calls.list',
  'payments.create',
  'payments.update',
  'documents.create',
  'documents.fetch',
  'documents.update',
  'documents.delete',
  'documents.list',
  'addOns.list',
  ...SERVERLESS_ROUTES,
] as const;
export type Route = (typeof ROUTES)[number];

/** A request's operation with the variable parts of its path. */
export interface RouteMatch extends ServerlessPlace {
  readonly route: Route;
  /** Of the 2010-04-01 paths. */
  readonly accountSid?: string;
  readonly callSid?: string;
  readonly paymentSid?: string;
  readonly document?: string;
}

const PRODUCTS = ['api', 'sync', 'marketplace', 'serverless', 'serverless-upload'] as const;
type Product = (typeof PRODUCTS)[number];

interface Pattern {
  readonly product: Product;
  readonly method: string;
  readonly path: RegExp;
  readonly route: Route;
}

const ACCOUNT = '/2010-04-01/Accounts/(?<accountSid>[^/]+)';
const DOCUMENTS = '/v1/Services/(?<service>[^/]+)/Documents';
const ADD_ONS = '/v1/InstalledAddOns';

/** Paths and methods of the OpenAPI files. */
const PATTERNS: readonly Pattern[] = [
  pattern('api', 'GET', `${ACCOUNT}/Calls\\.json`, 'calls.list'),
  pattern('api', 'GET', `${ACCOUNT}/Calls/(?<callSid>[^/.]+)\\.json`, 'calls.fetch'),
  pattern('api', 'POST', `${ACCOUNT}/Calls/(?<callSid>[^/]+)/Payments\\.json`, 'payments.create'),
  pattern(
    'api',
    'POST',
    `${ACCOUNT}/Calls/(?<callSid>[^/]+)/Payments/(?<paymentSid>[^/.]+)\\.json`,
    'payments.update',
  ),
  pattern('sync', 'POST', DOCUMENTS, 'documents.create'),
  pattern('sync', 'GET', DOCUMENTS, 'documents.list'),
  pattern('sync', 'GET', `${DOCUMENTS}/(?<document>[^/]+)`, 'documents.fetch'),
  pattern('sync', 'POST', `${DOCUMENTS}/(?<document>[^/]+)`, 'documents.update'),
  pattern('sync', 'DELETE', `${DOCUMENTS}/(?<document>[^/]+)`, 'documents.delete'),
  pattern('marketplace', 'GET', ADD_ONS, 'addOns.list'),
  ...SERVERLESS_PATHS.map((row) => pattern(...row)),
];

function pattern(product: Product, method: string, path: string, route: Route): Pattern {
  return { product, method, path: new RegExp(`^${path}$`), route };
}

/**
 * The product behind a host name. Regional names have the form product.edge.region; those without an edge stopped
 * working in April 2026, and Sync runs in US1 alone (global infrastructure pages).
 */
function productOf(host: string): Product | undefined {
  const [name, ...location] = host.replace(/\.twilio\.com$/, '').split('.');
  const product = PRODUCTS.find((known) => known === name);
  if (!product) return undefined;
  if (location.length === 0) return product;
  const [, region] = location;
  if (location.length !== 2) return undefined;
  return product.startsWith('serverless') || product === 'api' || region === 'us1' ? product : undefined;
}

/** Which Twilio host a request without a simulated host means: told by its path, for people with curl. */
export function hostByPath(path: string): string {
  if (path === ADD_ONS) return 'marketplace.twilio.com';
  return path.startsWith('/v1/') ? 'sync.twilio.com' : 'api.twilio.com';
}

/** The operation that a request asks for, if there is one. */
export function matchRoute(host: string, method: string, path: string): RouteMatch | undefined {
  const product = productOf(host);
  for (const candidate of PATTERNS) {
    if (candidate.product !== product || candidate.method !== method) continue;
    const found = candidate.path.exec(path);
    if (found) return { route: candidate.route, ...decoded(found.groups ?? {}) };
  }
  return undefined;
}

function decoded(groups: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decode(value)]));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
