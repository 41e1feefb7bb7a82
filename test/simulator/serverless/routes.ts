/** The operations of the Serverless API that the simulator knows: all of the OpenAPI file but updates and logs. */
export const SERVERLESS_ROUTES = [
  'services.create',
  'services.list',
  'services.fetch',
  'services.delete',
  'environments.create',
  'environments.list',
  'environments.fetch',
  'environments.delete',
  'variables.create',
  'variables.list',
  'variables.fetch',
  'variables.update',
  'variables.delete',
  'deployments.create',
  'deployments.list',
  'deployments.fetch',
  'functions.create',
  'functions.list',
  'functions.fetch',
  'functions.delete',
  'functions.upload',
  'functions.versions',
  'functions.version',
  'functions.content',
  'assets.create',
  'assets.list',
  'assets.fetch',
  'assets.delete',
  'assets.upload',
  'assets.versions',
  'assets.version',
  'builds.create',
  'builds.list',
  'builds.fetch',
  'builds.status',
  'builds.delete',
] as const;
export type ServerlessRoute = (typeof SERVERLESS_ROUTES)[number];

/** The variable parts of a path. */
export interface ServerlessPlace {
  readonly service?: string;
  readonly environment?: string;
  /** A Function or an Asset. */
  readonly resource?: string;
  /** Of what the path ends in. */
  readonly sid?: string;
}

type ServerlessProduct = 'serverless' | 'serverless-upload';
type Row = readonly [product: ServerlessProduct, method: string, path: string, route: ServerlessRoute];

const S = '/v1/Services';
const SERVICE = `${S}/(?<service>[^/]+)`;
const ENVIRONMENT = `${SERVICE}/Environments/(?<environment>[^/]+)`;
const SID = '(?<sid>[^/]+)';

/** Create, list, fetch and delete of one kind of resource. */
function resource(kind: string, path: string): Row[] {
  const route = (action: string) => `${kind}.${action}` as ServerlessRoute;
  return [
    ['serverless', 'POST', path, route('create')],
    ['serverless', 'GET', path, route('list')],
    ['serverless', 'GET', `${path}/${SID}`, route('fetch')],
    ['serverless', 'DELETE', `${path}/${SID}`, route('delete')],
  ];
}

/** Paths of the OpenAPI file; uploads are not in it (Serverless Toolkit, serverless-api api/functions.ts and api/assets.ts). */
export const SERVERLESS_PATHS: readonly Row[] = [
  ...resource('services', S),
  ...resource('environments', `${SERVICE}/Environments`),
  ...resource('variables', `${ENVIRONMENT}/Variables`),
  ['serverless', 'POST', `${ENVIRONMENT}/Variables/${SID}`, 'variables.update'],
  ['serverless', 'POST', `${ENVIRONMENT}/Deployments`, 'deployments.create'],
  ['serverless', 'GET', `${ENVIRONMENT}/Deployments`, 'deployments.list'],
  ['serverless', 'GET', `${ENVIRONMENT}/Deployments/${SID}`, 'deployments.fetch'],
  ...resource('functions', `${SERVICE}/Functions`),
  ['serverless', 'GET', `${SERVICE}/Functions/(?<resource>[^/]+)/Versions`, 'functions.versions'],
  ['serverless', 'GET', `${SERVICE}/Functions/(?<resource>[^/]+)/Versions/${SID}`, 'functions.version'],
  [
    'serverless',
    'GET',
    `${SERVICE}/Functions/(?<resource>[^/]+)/Versions/${SID}/Content`,
    'functions.content',
  ],
  ['serverless-upload', 'POST', `${SERVICE}/Functions/(?<resource>[^/]+)/Versions`, 'functions.upload'],
  ...resource('assets', `${SERVICE}/Assets`),
  ['serverless', 'GET', `${SERVICE}/Assets/(?<resource>[^/]+)/Versions`, 'assets.versions'],
  ['serverless', 'GET', `${SERVICE}/Assets/(?<resource>[^/]+)/Versions/${SID}`, 'assets.version'],
  ['serverless-upload', 'POST', `${SERVICE}/Assets/(?<resource>[^/]+)/Versions`, 'assets.upload'],
  ...resource('builds', `${SERVICE}/Builds`),
  ['serverless', 'GET', `${SERVICE}/Builds/${SID}/Status`, 'builds.status'],
];
