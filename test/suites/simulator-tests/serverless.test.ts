import { describe, expect, test } from 'vitest';
import { parseMultipart } from '../../simulator/serverless/multipart.ts';
import { violations } from './open-api.ts';
import { openScene, refusalOf } from './scene.ts';

const NAME = { uniqueName: 'payments', friendlyName: 'payments' };
const PACKAGES = JSON.stringify([{ name: 'twilio', version: '6.2.0' }]);

/** A scene with a service, and how to upload to it as serverless-api does. */
async function openService() {
  const scene = await openScene();
  const { simulator, api } = scene;
  const service = await api.serverless.v1.services.create(NAME);
  const context = api.serverless.v1.services(service.sid);
  const { accountSid, authToken } = simulator.credentials;
  const upload = async (
    kind: 'Functions' | 'Assets',
    sid: string,
    { path, visibility = 'public', content = 'exports.handler = 1;' }: Record<string, string>,
  ) => {
    const form = new FormData();
    form.append('Path', path ?? '');
    form.append('Visibility', visibility);
    form.append('Content', new Blob([content], { type: 'text/plain' }), 'file.js');
    const response = await fetch(`${simulator.url}/v1/Services/${service.sid}/${kind}/${sid}/Versions`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${btoa(`${accountSid}:${authToken}`)}`,
        'x-simulated-host': 'serverless-upload.twilio.com',
      },
      body: form,
    });
    return { status: response.status, ...((await response.json()) as { sid: string; message?: string }) };
  };
  const uploaded = async (path = '/mcp') => {
    const { sid } = await context.functions.create({ friendlyName: path });
    return (await upload('Functions', sid, { path })).sid;
  };
  return { ...scene, service, context, upload, uploaded };
}

test.each([
  ['2.0.1', undefined],
  ['1.3.1', undefined],
  ['2.1.2', undefined],
  ['2.1.0', 'No matching version found for @twilio/runtime-handler@2.1.0'],
  ['2.0.3', 'No matching version found for @twilio/runtime-handler@2.0.3'],
  ['^2.0.1', 'No matching version found for @twilio/runtime-handler@^2.0.1'],
])(
  'a build with the runtime handler %s is taken, or refused as the platform does',
  async (version, refusal) => {
    const { context, uploaded } = await openService();
    const dependencies = JSON.stringify([{ name: '@twilio/runtime-handler', version }]);
    const building = context.builds.create({
      functionVersions: [await uploaded()],
      dependencies,
      runtime: 'node22',
    });
    if (refusal === undefined) expect((await building).runtime).toBe('node22');
    else
      await expect(building).rejects.toMatchObject({
        status: 400,
        code: 20001,
        message: expect.stringContaining(refusal),
      });
  },
);

describe('the Serverless API', () => {
  test('is as Twilio’s OpenAPI file describes it', async () => {
    const { api, context, upload, simulator, exchanges } = await openService();
    const code = await context.functions.create({ friendlyName: '/mcp' });
    const page = await context.assets.create({ friendlyName: '/index.html' });
    const codeVersion = await upload('Functions', code.sid, { path: '/mcp', visibility: 'protected' });
    const pageVersion = await upload('Assets', page.sid, { path: '/index.html', content: 'é' });
    await context.functions(code.sid).fetch();
    await context.assets(page.sid).fetch();
    await context.functions(code.sid).functionVersions(codeVersion.sid).fetch();
    await context.functions(code.sid).functionVersions(codeVersion.sid).functionVersionContent().fetch();
    await context.assets(page.sid).assetVersions(pageVersion.sid).fetch();
    await context.functions(code.sid).functionVersions.list();
    await context.assets(page.sid).assetVersions.list();
    const environment = await context.environments.create({
      uniqueName: 'dev-environment',
      domainSuffix: 'dev',
    });
    expect(environment.domainName).toMatch(/^payments-\d{4}-dev\.twil\.io$/);
    const { variables, deployments } = context.environments(environment.sid);
    const variable = await variables.create({ key: 'CURRENCY', value: 'USD' });
    await context.environments(environment.sid).variables(variable.sid).update({ value: 'EUR' });
    await context.environments(environment.sid).variables(variable.sid).fetch();
    const build = await context.builds.create({
      functionVersions: [codeVersion.sid],
      assetVersions: [pageVersion.sid],
      dependencies: PACKAGES,
      runtime: 'node22',
    });
    const statuses = [];
    for (let poll = 0; poll < 2; poll += 1)
      statuses.push((await context.builds(build.sid).buildStatus().fetch()).status);
    expect([build.status, ...statuses]).toEqual(['building', 'building', 'completed']);
    const deployment = await deployments.create({ buildSid: build.sid });
    await context.environments(environment.sid).deployments(deployment.sid).fetch();
    const [deployed] = simulator.serverless.environments();
    expect(deployed?.variables).toEqual({ CURRENCY: 'EUR' });
    expect(deployed?.build?.versions.map(({ path, content }) => [path, content.toString()])).toEqual([
      ['/mcp', 'exports.handler = 1;'],
      ['/index.html', 'é'],
    ]);
    await Promise.all([
      api.serverless.v1.services.list(),
      context.fetch(),
      context.functions.list({ pageSize: 1 }),
      context.assets.list(),
      context.environments.list(),
      context.environments(environment.sid).fetch(),
      variables.list(),
      deployments.list(),
      context.builds.list(),
      context.builds(build.sid).fetch(),
    ]);
    await context.environments(environment.sid).variables(variable.sid).remove();
    await context.functions(code.sid).remove();
    await context.assets(page.sid).remove();
    await context.environments(environment.sid).remove();
    await context.builds(build.sid).remove();
    await context.remove();
    expect(exchanges.map((exchange) => [exchange.request.uri, violations(exchange)])).toEqual(
      exchanges.map(({ request }) => [request.uri, []]),
    );
    expect(simulator.unknownRequests).toEqual([]);
  });

  test('gives lists page by page', async () => {
    const { context } = await openService();
    for (const name of ['/a', '/b', '/c']) await context.functions.create({ friendlyName: name });
    const all = await context.functions.list({ pageSize: 2 });
    expect(all.map(({ friendlyName }) => friendlyName)).toEqual(['/a', '/b', '/c']);
  });

  test('refuses names that are taken', async () => {
    const { api, context } = await openService();
    const environment = { uniqueName: 'dev-environment', domainSuffix: 'dev' };
    const { sid } = await context.environments.create(environment);
    const { variables } = context.environments(sid);
    await variables.create({ key: 'A', value: '1' });
    const taken = { status: 409, code: 20409 };
    expect(await refusalOf(api.serverless.v1.services.create(NAME))).toEqual(taken);
    expect(await refusalOf(context.environments.create(environment))).toEqual(taken);
    expect(await refusalOf(context.environments.create({ uniqueName: 'x', domainSuffix: 'dev' }))).toEqual(
      taken,
    );
    expect(await refusalOf(variables.create({ key: 'A', value: '2' }))).toEqual(taken);
  });

  test('refuses what breaks a limit', async () => {
    const { api, context, upload } = await openService();
    const { sid } = await context.environments.create({ uniqueName: 'production' });
    const { variables } = context.environments(sid);
    const refused = { status: 400, code: 20001 };
    const scoped = { uniqueName: '@scope/name', friendlyName: 'x' };
    expect(await refusalOf(api.serverless.v1.services.create(scoped))).toEqual(refused);
    const suffix = { uniqueName: 'long', domainSuffix: 'x'.repeat(17) };
    expect(await refusalOf(context.environments.create(suffix))).toEqual(refused);
    expect(await refusalOf(variables.create({ key: 'A', value: 'é'.repeat(226) }))).toEqual(refused);
    expect(await refusalOf(variables.create({ key: 'A', value: 'x'.repeat(450) }))).toBe('accepted');
    expect(await refusalOf(variables.create({ key: 'k'.repeat(129), value: 'x' }))).toEqual(refused);
    const code = await context.functions.create({ friendlyName: 'x' });
    expect(await upload('Functions', code.sid, { path: '/a b' })).toMatchObject(refused);
    expect(await upload('Functions', code.sid, { path: '/a', visibility: 'secret' })).toMatchObject(refused);
    expect(await upload('Assets', code.sid, { path: '/a' })).toMatchObject({ status: 404, code: 20404 });
  });

  test('refuses builds of nothing, of local packages and of unknown runtimes', async () => {
    const { context, uploaded } = await openService();
    const functionVersions = [await uploaded()];
    const refused = { status: 400, code: 20001 };
    const local = JSON.stringify([{ name: 'ours', version: 'file:../ours' }]);
    expect(await refusalOf(context.builds.create({}))).toEqual(refused);
    expect(await refusalOf(context.builds.create({ functionVersions, dependencies: local }))).toEqual(
      refused,
    );
    expect(await refusalOf(context.builds.create({ functionVersions, dependencies: '{' }))).toEqual(refused);
    expect(await refusalOf(context.builds.create({ functionVersions, runtime: 'node99' }))).toEqual(refused);
    expect(await refusalOf(context.builds.create({ functionVersions: [`ZN${'0'.repeat(32)}`] }))).toEqual({
      status: 404,
      code: 20404,
    });
  });

  test('fails builds of ended runtimes and of packages that cannot be installed', async () => {
    const { context, uploaded, simulator } = await openService();
    simulator.serverless.buildPolls = 0;
    simulator.serverless.uninstallable.add('twilio');
    const functionVersions = [await uploaded()];
    const statusOf = async (options: object) => {
      const { sid } = await context.builds.create({ functionVersions, ...options });
      return (await context.builds(sid).buildStatus().fetch()).status;
    };
    expect(await statusOf({})).toBe('completed');
    expect(await statusOf({ runtime: 'node18' })).toBe('failed');
    expect(await statusOf({ dependencies: PACKAGES })).toBe('failed');
  });

  test('deploys a build that is completed, once', async () => {
    const { context, uploaded } = await openService();
    const { sid } = await context.environments.create({ uniqueName: 'production' });
    const build = await context.builds.create({ functionVersions: [await uploaded()] });
    const deploy = () => refusalOf(context.environments(sid).deployments.create({ buildSid: build.sid }));
    expect(await deploy()).toEqual({ status: 400, code: 20001 });
    await context.builds(build.sid).buildStatus().fetch();
    expect(await deploy()).toBe('accepted');
    expect(await deploy()).toEqual({ status: 409, code: 20409 });
    expect(await refusalOf(context.builds(build.sid).remove())).toEqual({ status: 400, code: 20001 });
  });
});

test('a multipart form is read byte by byte', () => {
  const bytes = Buffer.from([0, 13, 10, 45, 45, 255]);
  const body = Buffer.concat([
    Buffer.from('--b1\r\nContent-Disposition: form-data; name="Path"\r\n\r\n/a\r\n--b1\r\n'),
    Buffer.from(
      'Content-Disposition: form-data; name="Content"; filename="/a"\r\nContent-Type: image/png\r\n\r\n',
    ),
    bytes,
    Buffer.from('\r\n--b1--\r\n'),
  ]);
  const form = parseMultipart('multipart/form-data; boundary=b1', body);
  expect(Object.fromEntries(form?.fields ?? [])).toEqual({ Path: '/a' });
  expect(form?.files.Content).toEqual({ name: '/a', contentType: 'image/png', content: bytes });
  expect(parseMultipart('application/json', body)).toBeUndefined();
});
