import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunnerRow, TagRow } from '../read-models/hub.entities.js';
import { homePage } from './home.page.js';

const nothing = { builds: [], tags: [], runners: [], origin: 'http://127.0.0.1:8080' };

describe('the first page', () => {
  it('says what to do when there is nothing yet', () => {
    assert.match(homePage(nothing), /npx tumbi build hello/);
    assert.match(homePage(nothing), /nothing can be built until one does/);
  });

  it('gives the commands that add a repository', () => {
    const tag = { name: 'first', suite: 'trixie', published: { packages: 2 } } as TagRow;
    assert.match(
      homePage({ ...nothing, tags: [tag] }),
      /http:\/\/127\.0\.0\.1:8080\/apt\/first\/tumbi\.sources/,
    );
  });

  it('shows what others wrote as text, whatever it is', () => {
    const runner = {
      name: '<script>"&\'',
      architectures: [],
      slots: 1,
      registeredAt: '',
    } as unknown as RunnerRow;
    const page = homePage({ ...nothing, runners: [runner] });
    assert.doesNotMatch(page, /<script/);
    assert.match(page, /&#60;script&#62;&#34;&#38;&#39;/);
  });
});
