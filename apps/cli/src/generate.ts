import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { COMMANDS } from './commands/index.js';
import { helpOf } from './parser.js';

/** Writes docs/cli.md from the help; with `--check`, only tells whether the committed one differs. */

const file = join(import.meta.dirname, '../../../docs/cli.md');
const wanted = await page();

if (process.argv.includes('--check')) {
  if ((await readFile(file, 'utf8').catch(() => '')) !== wanted) {
    console.error('docs/cli.md is not what the commands say: run "npm run generate" and commit it.');
    process.exitCode = 1;
  }
} else {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, wanted);
}

async function page(): Promise<string> {
  const parts = [
    '<!-- Generated from `tumbi --help`: change apps/cli, then run "npm run generate". -->',
    '# The `tumbi` command',
    'From a checkout it is `npx tumbi`. Results go to standard output, all else to standard error.',
    fenced(await helpOf(undefined, 100)),
  ];
  for (const { name } of COMMANDS) parts.push(`## tumbi ${name}`, fenced(await helpOf(name, 100)));
  return `${parts.join('\n\n')}\n`;
}

function fenced(text: string): string {
  return `\`\`\`text\n${text.trim().replace(/ +$/gm, '')}\n\`\`\``;
}
