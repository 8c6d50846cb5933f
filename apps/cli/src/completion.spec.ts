import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { COMMANDS } from './commands/index.js';
import { bashCompletion, fishCompletion, zshCompletion } from './completion.js';

describe('the completion scripts', () => {
  for (const script of [bashCompletion(COMMANDS), zshCompletion(COMMANDS), fishCompletion(COMMANDS)])
    it(`know every command and option (${script.split('\n')[0]})`, () => {
      for (const { name, options } of COMMANDS) {
        assert.match(script, new RegExp(`\\b${name}\\b`));
        for (const option of Object.keys(options))
          assert.match(script, new RegExp(`-(-|l )${option}\\b`), `${name} --${option}`);
      }
    });

  it('quote what a description may hold', () => {
    const command = { ...COMMANDS[0], name: 'x', summary: "it's [so]: yes" } as (typeof COMMANDS)[number];
    assert.ok(zshCompletion([command]).includes("'x:it'\\''s \\[so\\]\\: yes'"));
    assert.ok(fishCompletion([command]).includes("-d 'it\\'s [so]: yes'"));
  });
});
