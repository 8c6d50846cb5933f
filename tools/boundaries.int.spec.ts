import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ROOT } from './projects.ts';

describe('the boundaries between modules', () => {
  let copy = '';

  before(() => {
    copy = mkdtempSync(join(tmpdir(), 'tumbi-boundaries-'));
    const leaveOut = new Set(['node_modules', 'dist', '.git', '.nx', '.tumbi']);
    for (const name of [
      'libs',
      'services',
      'apps',
      'tools',
      'package.json',
      'package-lock.json',
      'nx.json',
      'tsconfig.base.json',
    ]) {
      cpSync(join(ROOT, name), join(copy, name), {
        recursive: true,
        filter: source => !leaveOut.has(basename(source)),
      });
    }
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  });

  after(() => rmSync(copy, { recursive: true, force: true }));

  it('hold as the code is', () => {
    assert.deepEqual(lint(copy), { status: 0, stderr: '' });
  });

  for (const { what, file, line, sentence } of [
    {
      what: 'a service that imports a service',
      file: 'services/gateway/src/broken.ts',
      line: "import '@tumbi/scheduler';",
      sentence:
        /^@tumbi\/gateway \(service\) must not import @tumbi\/scheduler \(service\): services meet only/m,
    },
    {
      what: 'an engine that imports an adapter',
      file: 'libs/deb-mock/src/broken.ts',
      line: "export * from '@tumbi/event-log';",
      sentence:
        /^@tumbi\/deb-mock \(engine\) must not import @tumbi\/event-log \(adapter\): engines are usable alone/m,
    },
    {
      what: 'an engine that speaks NATS',
      file: 'libs/deb-mock/src/broken.ts',
      line: "const nats = await import('@nats-io/transport-node');",
      sentence:
        /^libs\/deb-mock\/src\/broken\.ts: @tumbi\/deb-mock \(engine\) must not import @nats-io\/transport-node/m,
    },
    {
      what: 'an import that no package.json names',
      file: 'libs/local-servers/src/broken.ts',
      line: "import '@tumbi/contracts';",
      sentence: /^@tumbi\/local-servers imports @tumbi\/contracts, which its package\.json does not name/m,
    },
    {
      what: 'a path into another project',
      file: 'services/scheduler/src/broken.ts',
      line: "import { subjectOf } from '../../../libs/contracts/src/subjects.js';",
      sentence: /must not reach into @tumbi\/contracts by a path: import "@tumbi\/contracts"/,
    },
  ]) {
    it(`stop ${what}`, t => {
      appendFileSync(join(copy, file), `${line}\n`);
      t.after(() => rmSync(join(copy, file)));
      const { status, stderr } = lint(copy);
      assert.equal(status, 1);
      assert.match(stderr, sentence);
    });
  }
});

function lint(checkout: string): { status: number | null; stderr: string } {
  const script = join(import.meta.dirname, 'boundaries.ts');
  const { status, stderr } = spawnSync(process.execPath, [script, checkout], { encoding: 'utf8' });
  return { status, stderr };
}
