import { command } from '../command.js';
import { bashCompletion, zshCompletion } from '../completion.js';
import { EXIT } from '../exit-status.js';
import { COMMANDS } from './index.js';

export const completion = command({
  name: 'completion',
  takes: '<shell>',
  summary: 'Write a script that lets the shell complete commands and options',
  positionals: {
    shell: { choices: ['bash', 'zsh'] as const, demandOption: true, describe: 'Which shell' },
  },
  options: {},
  examples: [
    ['bash >~/.local/share/bash-completion/completions/tumbi', 'for bash, from the next shell on'],
    ['zsh >~/.zfunc/_tumbi', 'for zsh, where ~/.zfunc is in fpath'],
  ],
  async run({ shell }, { output }) {
    await output.line(shell === 'bash' ? bashCompletion(COMMANDS) : zshCompletion(COMMANDS));
    return EXIT.ok;
  },
});
