import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { natsConfig } from './nats-config.js';

describe('natsConfig', () => {
  it('listens on loopback alone and syncs every message', () => {
    const config = JSON.parse(natsConfig({ dir: '/d' }, 0));
    assert.equal(config.host, '127.0.0.1');
    assert.equal(config.port, -1);
    assert.deepEqual(config.jetstream, { store_dir: '/d/jetstream', sync_interval: 'always' });
    assert.equal('authorization' in config, false);
  });

  it('gives users their permissions and lets own settings win', () => {
    const permissions = { publish: { allow: ['a.>'] }, subscribe: { deny: ['b'] } };
    const users = [{ name: 'one', password: 'p', permissions }];
    const config = JSON.parse(
      natsConfig({ dir: '/d', users, maxPayload: 65_536, syncAlways: false, config: { debug: true } }, 4222),
    );
    assert.deepEqual(config.authorization, { users: [{ user: 'one', password: 'p', permissions }] });
    assert.deepEqual(config.jetstream, { store_dir: '/d/jetstream' });
    assert.equal(config.max_payload, 65_536);
    assert.equal(config.port, 4222);
    assert.equal(config.debug, true);
  });
});
