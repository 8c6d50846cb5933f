import { command } from '../command.js';
import { bashCompletion, fishCompletion, zshCompletion } from '../completion.js';
import { EXIT } from '../exit-status.js';
import { COMMANDS } from './index.js';

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

export const completion = command({
  name: 'completion',
  takes: '<shell>',
  summary: 'Write a script that lets the shell complete commands and options',
  positionals: {
    shell: { choices: ['bash', 'zsh', 'fish'] as const, demandOption: true, describe: 'Which shell' },
  },
  options: {},
  examples: [
    ['bash >~/.local/share/bash-completion/completions/tumbi', 'for bash, from the next shell on'],
    ['zsh >~/.zfunc/_tumbi', 'for zsh, where ~/.zfunc is in fpath'],
    ['fish >~/.config/fish/completions/tumbi.fish', 'for fish'],
  ],
  async run({ shell }, { output }) {
    await output.line(SCRIPTS[shell](COMMANDS));
    return EXIT.ok;
  },
});
