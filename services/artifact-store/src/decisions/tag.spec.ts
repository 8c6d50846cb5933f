import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TagEvent } from '@tumbi/contracts';
import { history, type Told } from '@tumbi/contracts/testing';
import { repositoryContents } from './contents.js';
import { type TagCommand, tag } from './tag.js';

const build = '0192f0c1-0000-7000-8000-000000000001';
const entry = { tag: 'first', build, source: 'hello', version: '1.0', debs: ['a'.repeat(64)] };
const created = { name: 'TagCreated', data: { tag: 'first', suite: 'trixie' } };
const tagged = { name: 'PackageTagged', data: entry };
const repository = (through: number) => ({
  tag: 'first',
  suite: 'trixie',
  through,
  packages: 1,
  inRelease: { sha256: 'b'.repeat(64), size: 1 },
  keyFingerprint: 'A'.repeat(40),
});

function names(command: TagCommand, ...given: Told[]): string[] {
  const state = history<TagEvent>(...given).reduce(tag.evolve, tag.initial);
  return tag.decide(state, command).map(event => event.name);
}

describe('a tag', () => {
  it('is created once', () => {
    const create: TagCommand = { kind: 'create', tag: 'first', suite: 'trixie' };
    assert.deepEqual(names(create), ['TagCreated']);
    assert.deepEqual(names(create, created), []);
  });

  it('takes a build once', () => {
    assert.deepEqual(names({ kind: 'add', entry }, created), ['PackageTagged']);
    assert.deepEqual(names({ kind: 'add', entry }, created, tagged), []);
  });

  it('records a publish unless a later one stands there', () => {
    const published = { name: 'RepositoryPublished', data: repository(4) };
    assert.deepEqual(names({ kind: 'published', repository: repository(2) }, created, tagged), [
      'RepositoryPublished',
    ]);
    assert.deepEqual(names({ kind: 'published', repository: repository(4) }, created, tagged, published), []);
    assert.deepEqual(names({ kind: 'published', repository: repository(5) }, created, tagged, published), [
      'RepositoryPublished',
    ]);
  });

  it('has changed at its last package, not at its last publish', () => {
    const published = { name: 'RepositoryPublished', data: repository(2) };
    const state = history<TagEvent>(created, tagged, published).reduce(tag.evolve, tag.initial);
    assert.equal(state.changedAt, 2);
    assert.equal(state.published?.through, 2);
  });
});

describe('the contents of a repository', () => {
  const deb = (version: string, architecture: string, from: string) => ({
    package: 'hello',
    version,
    architecture,
    from,
  });

  it('hold each version and architecture, and of the same ones the last that was tagged', () => {
    const debs = [
      deb('1', 'amd64', 'a'),
      deb('1', 'all', 'b'),
      deb('2', 'amd64', 'c'),
      deb('1', 'amd64', 'd'),
    ];
    assert.deepEqual(
      repositoryContents(debs)
        .map(one => one.from)
        .sort(),
      ['b', 'c', 'd'],
    );
  });
});
