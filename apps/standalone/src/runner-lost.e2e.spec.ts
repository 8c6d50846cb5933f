import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { makeSourcePackage } from '@tumbi/deb-mock/testing';
import { type Hub, startHub } from './testing/hub.js';

const LEASE = { TUMBI_RUNNER_LEASE_SECONDS: '6' };

describe('a runner that is killed in the middle of a build', () => {
  let hub: Hub;
  before(async () => {
    hub = await startHub();
  });
  after(() => hub?.[Symbol.asyncDispose]());

  it('loses the build to another one, which alone finishes it', async () => {
    const runners = new Map([
      ['one', hub.spawnRunner('one', LEASE)],
      ['two', hub.spawnRunner('two', LEASE)],
    ]);
    const dsc = await makeSourcePackage(join(hub.home, 'sources'), {
      name: 'tumbi-lost',
      build: ['sleep 10'],
    });
    const { id } = await hub.submit(dsc);
    await hub.until(id, build => build.state === 'Building');
    const [started] = await hub.events(`build=${id}&type=BuildStarted`);
    const { body } = await hub.api<{ runners: { id: string; name: string }[] }>('GET', '/api/runners');
    const name = body.runners.find(runner => runner.id === started?.event.data.runner)?.name ?? '';
    const victim = runners.get(name);
    assert.ok(victim, 'the build was started by one of the two runners');
    victim.kill('SIGKILL');
    await once(victim, 'exit');

    const build = await hub.ended(id);
    assert.equal(build.state, 'Installed', build.message ?? '');
    assert.equal(build.attempt, 2);
    const events = await hub.events(`build=${id}`);
    const of = (type: string) => events.filter(({ event }) => event.type === `tumbi.${type}.v1`);
    assert.deepEqual(
      of('BuildStarted').map(({ event }) => event.data.attempt),
      [1, 2],
    );
    assert.notEqual(of('BuildStarted')[0]?.event.data.runner, of('BuildStarted')[1]?.event.data.runner);
    assert.deepEqual(
      of('BuildSucceeded').map(({ event }) => event.data.attempt),
      [2],
    );
    const debs = of('DebProduced').map(({ event }) => event.data.sha256);
    assert.equal(new Set(debs).size, debs.length, 'no .deb is recorded twice');
    assert.equal(of('BuildFailed').length, 0);
  });
});

describe('a runner that is stopped in the middle of a build', () => {
  let hub: Hub;
  before(async () => {
    hub = await startHub();
  });
  after(() => hub?.[Symbol.asyncDispose]());

  it('gives the build back at once, and says so', async () => {
    const first = hub.spawnRunner('first');
    const dsc = await makeSourcePackage(join(hub.home, 'sources'), {
      name: 'tumbi-stopped',
      build: ['sleep 5'],
    });
    const { id } = await hub.submit(dsc);
    await hub.until(id, build => build.state === 'Building');
    first.kill('SIGTERM');
    assert.deepEqual(await once(first, 'exit'), [0, null]);
    hub.spawnRunner('second');
    const build = await hub.ended(id);
    assert.equal(build.state, 'Installed', build.message ?? '');
    const [failed] = await hub.events(`build=${id}&type=BuildFailed`);
    assert.deepEqual(
      { class: failed?.event.data.class, willRetry: failed?.event.data.willRetry },
      { class: 'infrastructure', willRetry: true },
    );
  });
});

describe('a runner that lives and gives no result', () => {
  let hub: Hub;
  before(async () => {
    hub = await startHub();
  });
  after(() => hub?.[Symbol.asyncDispose]());

  it('is not waited for longer than the time limit, and its late result is dropped', async () => {
    const runner = hub.spawnRunner('stuck');
    const dsc = await makeSourcePackage(hub.home, { name: 'tumbi-stuck', build: ['sleep 2'] });
    const { id } = await hub.submit(dsc, { timeLimit: 4 });
    await hub.until(id, build => build.state === 'Building');
    runner.kill('SIGSTOP');
    const build = await hub.ended(id, 40);
    runner.kill('SIGCONT');
    assert.equal(build.state, 'Build-Attempted');
    assert.match(build.message ?? '', /no result within its 4 seconds/);

    const next = await makeSourcePackage(hub.home, { name: 'tumbi-unstuck' });
    assert.equal((await hub.ended((await hub.submit(next)).id)).state, 'Installed');
    const events = await hub.events(`build=${id}`);
    assert.equal(events.at(-1)?.event.type, 'tumbi.BuildFailed.v1', 'nothing was added after the end');
  });
});
