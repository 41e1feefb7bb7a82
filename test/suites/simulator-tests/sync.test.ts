import { describe, expect, test } from 'vitest';
import { openScene, refusalOf } from './scene.ts';

async function documents(switches = {}) {
  const scene = await openScene({ switches });
  return { ...scene, sync: scene.api.sync.v1.services('default').documents };
}

describe('a Sync document', () => {
  test('is created, read, updated, listed and deleted', async () => {
    const { sync, simulator } = await documents();
    const created = await sync.create({ uniqueName: 'payment-1', data: { a: 1 }, ttl: 60 });
    expect(created).toMatchObject({ revision: '0', data: { a: 1 }, createdBy: 'system' });
    expect(created.sid).toMatch(/^ET[0-9a-f]{32}$/);
    const answer = await sync(created.sid).updateWithHttpInfo({ data: { b: 2 } });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({ etag: '1' });
    expect(await sync('payment-1').fetch()).toMatchObject({
      revision: '1',
      data: { b: 2 },
      sid: created.sid,
    });
    expect(simulator.documents()).toEqual([
      expect.objectContaining({
        uniqueName: 'payment-1',
        revision: '1',
        data: { b: 2 },
        serviceSid: created.serviceSid,
      }),
    ]);
    expect(simulator.everythingWritten()).toContain('"a":1');
    expect(await sync('payment-1').remove()).toBe(true);
    expect(await refusalOf(sync('payment-1').fetch())).toEqual({ status: 404, code: 20404 });
  });

  test('counts its revisions in hexadecimal', async () => {
    const { sync } = await documents();
    await sync.create({ uniqueName: 'counted' });
    for (let write = 1; write <= 17; write += 1) await sync('counted').update({ data: { write } });
    expect((await sync('counted').fetch()).revision).toBe('11');
  });

  test('is updated only at the revision that If-Match names', async () => {
    const { sync } = await documents();
    await sync.create({ uniqueName: 'guarded', data: {} });
    expect(await refusalOf(sync('guarded').update({ ifMatch: '0', data: { by: 'one' } }))).toBe('accepted');
    expect(await refusalOf(sync('guarded').update({ ifMatch: '0', data: { by: 'two' } }))).toEqual({
      status: 412,
      code: 54103,
    });
    expect(await refusalOf(sync('guarded').update({ ifMatch: '"1"', data: {} }))).toEqual({
      status: 400,
      code: 54003,
    });
    expect((await sync('guarded').fetch()).data).toEqual({ by: 'one' });
  });

  test('lets one of several simultaneous writers win', async () => {
    const { sync } = await documents();
    await sync.create({ uniqueName: 'raced', data: {} });
    const writers = Array.from({ length: 8 }, (_, by) =>
      refusalOf(sync('raced').update({ ifMatch: '0', data: { by } })),
    );
    const outcomes = await Promise.all(writers);
    expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(1);
  });

  test('has a unique name', async () => {
    const { sync, simulator } = await documents();
    const named = (uniqueName: string) => refusalOf(sync.create({ uniqueName }));
    expect(await named('taken')).toBe('accepted');
    expect(await named('taken')).toEqual({ status: 409, code: 54301 });
    const invalid = { status: 400, code: 54302 };
    expect(await named('a'.repeat(257))).toEqual(invalid);
    expect(await named(`ET${'0'.repeat(32)}`)).toEqual(invalid);
    expect(await named(`PK${'0'.repeat(32)}`)).toBe('accepted');
    simulator.switches.sidShapedNames = 'refused';
    expect(await named(`PK${'1'.repeat(32)}`)).toEqual(invalid);
    expect(await named('with space & umlaut ü')).toBe('accepted');
    expect((await sync(encodeURIComponent('with space & umlaut ü')).fetch()).uniqueName).toBe(
      'with space & umlaut ü',
    );
  });

  test('holds a JSON object of at most 16 KiB', async () => {
    const { sync } = await documents();
    const filled = (length: number) => refusalOf(sync.create({ data: { text: 'a'.repeat(length) } }));
    expect(await filled(16_384 - '{"text":""}'.length)).toBe('accepted');
    expect(await filled(16_384 - '{"text":""}'.length + 1)).toEqual({ status: 413, code: 54006 });
    expect(await refusalOf(sync.create({ data: 'not JSON' }))).toEqual({ status: 400, code: 54008 });
    expect(await refusalOf(sync.create({ data: [1] }))).toEqual({ status: 400, code: 54101 });
    expect(await refusalOf(sync.create({ data: 'null' }))).toEqual({ status: 400, code: 54101 });
  });

  test('needs something to update', async () => {
    const { sync } = await documents();
    await sync.create({ uniqueName: 'same' });
    expect(await refusalOf(sync('same').update({}))).toEqual({ status: 400, code: 54010 });
  });

  test('expires, and updates without Ttl do not renew it', async () => {
    const { sync, simulator } = await documents();
    await sync.create({ uniqueName: 'short', ttl: 60 });
    simulator.advance(40_000);
    await sync('short').update({ data: { still: 'here' } });
    simulator.advance(21_000);
    expect(await refusalOf(sync('short').fetch())).toEqual({ status: 404, code: 20404 });
    expect(await refusalOf(sync.create({ uniqueName: 'short', ttl: 60 }))).toBe('accepted');
    simulator.advance(40_000);
    await sync('short').update({ ttl: 60 });
    simulator.advance(40_000);
    expect((await sync('short').fetch()).dateExpires).toBeInstanceOf(Date);
    await sync('short').update({ ttl: 0 });
    simulator.advance(1e12);
    expect((await sync('short').fetch()).dateExpires).toBeNull();
    expect(await refusalOf(sync('short').update({ ttl: 31_536_001 }))).toEqual({ status: 400, code: 54011 });
    expect(await refusalOf(sync('short').update({ ttl: -1 }))).toEqual({ status: 400, code: 54011 });
  });

  test('is found by paging through the list', async () => {
    const { sync, exchanges } = await documents();
    for (let number = 0; number < 5; number += 1) await sync.create({ uniqueName: `n${number}` });
    const names = (await sync.list({ pageSize: 2 })).map(({ uniqueName }) => uniqueName);
    expect(names.sort()).toEqual(['n0', 'n1', 'n2', 'n3', 'n4']);
    expect(exchanges.slice(-3).map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  test('is missing with the code that the switch says', async () => {
    const { sync } = await documents({ missingDocumentCode: 54100 });
    expect(await refusalOf(sync('nothing').fetch())).toEqual({ status: 404, code: 54100 });
  });

  test('may be written about 20 times a second', async () => {
    const { sync, simulator } = await documents({ syncRateLimits: true });
    await sync.create({ uniqueName: 'busy' });
    const writes = Array.from({ length: 201 }, (_, data) =>
      refusalOf(sync('busy').update({ data: { data } })),
    );
    const outcomes = await Promise.all(writes);
    expect(outcomes.filter((outcome) => outcome !== 'accepted')).toEqual([{ status: 429, code: 54009 }]);
    simulator.advance(10_001);
    expect(await refusalOf(sync('busy').update({ data: {} }))).toBe('accepted');
  });
});

test('services other than those there are, are missing', async () => {
  const known = `IS${'a'.repeat(32)}`;
  const { api } = await openScene({ syncServices: [known] });
  const create = (service: string) =>
    refusalOf(api.sync.v1.services(service).documents.create({ uniqueName: 'one' }));
  expect(await create(known)).toBe('accepted');
  expect(await create('default')).toBe('accepted');
  expect(await create(`IS${'b'.repeat(32)}`)).toEqual({ status: 404, code: 54050 });
});
