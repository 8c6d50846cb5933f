import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import yargs, { type Argv } from 'yargs';
import type { Command, Context } from './command.js';
import { COMMANDS } from './commands/index.js';
import { UsageError } from './errors.js';
import { EXIT_MEANINGS } from './exit-status.js';

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
  version: string;
};

const EPILOGUE = `Environment:
  TUMBI_URL    the server's address  [default: what runs from TUMBI_HOME]
  TUMBI_TOKEN  the token to send  [default: the token in TUMBI_HOME]
  TUMBI_HOME   the folder of a local installation  [default: .tumbi in the checkout]
  NO_COLOR     when set, no colours

Exit statuses:
${EXIT_MEANINGS.map(([status, meaning]) => `  ${String(status).padStart(3)}  ${meaning}`).join('\n')}`;

/** What the parser says, in our words. */
const STRINGS = {
  'Not enough non-option arguments: got %s, need at least %s': {
    one: 'There is %s argument and at least %s is needed.',
    other: 'There are %s arguments and at least %s are needed.',
  },
  'Invalid values:': 'There is no such value.',
  'Argument: %s, Given: %s, Choices: %s': '--%s is %s and may be %s.',
} as unknown as Record<string, string>;

/**
 * The parser of `tumbi`'s command line.
 * @param execute runs a command with its arguments
 */
export function parser(width: number, execute: (command: Command, args: unknown) => Promise<void>): Argv {
  const root = yargs()
    .scriptName('tumbi')
    .usage('$0 <command>\n\nBuilds Debian source packages and publishes them as APT repositories.')
    .parserConfiguration({
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    })
    .locale('en')
    .wrap(width)
    .version(version)
    .help()
    .alias('help', 'h')
    .group(['help', 'version'], 'Options:')
    .updateStrings(STRINGS)
    .strict()
    .exitProcess(false)
    .showHelpOnFail(false)
    .fail((message, error) => {
      // The parser's own complaints, and those of an option's check, which it passes on as its own.
      throw !error || error.name === 'YError' ? new UsageError(message ?? error.message) : error;
    })
    .epilogue(EPILOGUE);
  for (const command of COMMANDS)
    root.command({
      command: usageOf(command),
      describe: command.summary,
      builder: argv => build(argv, command),
      handler: args => execute(command, args),
    });
  return root.command({
    command: '$0',
    describe: false,
    builder: argv => argv.strict(false),
    handler: ({ _: [word] }) => {
      throw new UsageError(
        word === undefined ? 'Which command?' : `There is no command ${JSON.stringify(word)}.`,
      );
    },
  });
}

function build(argv: Argv, command: Command): Argv {
  const usage = usageOf(command);
  // A command's own --version is that of a package.
  argv.version(false).usage(`tumbi ${usage}\n\n${command.summary}.`).epilogue('');
  for (const [name, positional] of Object.entries(command.positionals ?? {}))
    argv.positional(name, positional);
  argv.options({ ...command.options });
  for (const [args, meaning] of command.examples)
    argv.example(`tumbi ${command.name} ${args}`.trim(), meaning);
  return argv;
}

function usageOf({ name, takes }: Command): string {
  return takes ? `${name} ${takes}` : name;
}

/** What `--help` says, of one command or of all. */
export async function helpOf(name: string | undefined, width: number): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const args = name === undefined ? ['--help'] : [name, '--help'];
  await parser(width, async () => undefined).parseAsync(args, {}, (_error, _argv, output) => resolve(output));
  return promise;
}

/**
 * Runs a command by its parsed arguments.
 * @throws UsageError when an option is given more than once
 */
export async function run(command: Command, args: unknown, context: Context): Promise<number> {
  const given = args as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(command.options))
    if (Array.isArray(given[name])) throw new UsageError(`--${name} is given twice; once is enough.`);
  return command.run(args as never, context);
}
