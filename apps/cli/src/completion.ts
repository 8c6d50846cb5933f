import type { Command } from './command.js';

/** A completion script for bash: commands, their options, and the words that an option allows. */
export function bashCompletion(commands: readonly Command[]): string {
  const cases = commands.map(command => {
    const options = optionsOf(command).map(one => one.flag);
    return `    ${command.name}) words="${options.join(' ')}${wordsOf(command)}" ;;`;
  });
  const choices = commands.flatMap(command =>
    optionsOf(command)
      .filter(one => one.choices.length)
      .map(one => `    ${command.name}\\ ${one.flag}) words="${one.choices.join(' ')}" ;;`),
  );
  return `# bash completion for tumbi
_tumbi() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} words=
  case $COMP_CWORD:\${COMP_WORDS[1]} in
    1:*) words="${commands.map(command => command.name).join(' ')}" ;;
    *:build) COMPREPLY=($(compgen -f -X '!*.dsc' -- "$current") $(compgen -d -- "$current")) ;;
  esac
  if ((COMP_CWORD > 1)); then
    case \${COMP_WORDS[1]} in
${cases.join('\n')}
    esac
    case "\${COMP_WORDS[1]} $previous" in
${choices.join('\n')}
      *\\ --dir) COMPREPLY=($(compgen -d -- "$current")); return ;;
    esac
  fi
  COMPREPLY+=($(compgen -W "$words" -- "$current"))
}
complete -o filenames -F _tumbi tumbi`;
}

/** A completion script for zsh, with the descriptions. */
export function zshCompletion(commands: readonly Command[]): string {
  const descriptions = commands.map(command => `    '${command.name}:${quoted(command.summary)}'`);
  const cases = commands.map(command => {
    const specs = optionsOf(command).map(one => {
      const value = one.choices.length
        ? `:value:(${one.choices.join(' ')})`
        : one.takesValue
          ? ':value:_files'
          : '';
      return `        '${one.flag}[${quoted(one.description)}]${value}'`;
    });
    const words = wordsOf(command).trim();
    const rest = words
      ? `'*:word:(${words})'`
      : command.name === 'build'
        ? `'*:source:_files -g "*.dsc"'`
        : `'*:word:'`;
    return `      ${command.name})\n        _arguments \\\n${[...specs, `        ${rest}`].join(' \\\n')}\n        ;;`;
  });
  return `#compdef tumbi
_tumbi() {
  local -a commands=(
${descriptions.join('\n')}
  )
  if ((CURRENT == 2)); then
    _describe command commands
  else
    local name=$words[2]
    shift words
    ((CURRENT--))
    case $name in
${cases.join('\n')}
    esac
  fi
}
compdef _tumbi tumbi`;
}

/** Completions for fish, with the descriptions. */
export function fishCompletion(commands: readonly Command[]): string {
  const lines = commands.flatMap(command => {
    const inside = `-n '__fish_seen_subcommand_from ${command.name}'`;
    const words = wordsOf(command).trim();
    return [
      `complete -c tumbi -f -n __fish_use_subcommand -a ${command.name} -d ${fishWord(command.summary)}`,
      ...optionsOf(command).map(one => {
        const value = one.takesValue ? ` -x -a '${one.choices.join(' ')}'` : '';
        return `complete -c tumbi ${inside} -l ${one.flag.slice(2)}${value} -d ${fishWord(one.description)}`;
      }),
      ...(words ? [`complete -c tumbi -f ${inside} -a '${words}'`] : []),
    ];
  });
  return ['# fish completion for tumbi', ...lines].join('\n');
}

function fishWord(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

function optionsOf(command: Command) {
  return Object.entries(command.options).map(([name, option]) => ({
    flag: `--${name}`,
    description: option.describe ?? '',
    choices: (option.choices ?? []).map(String),
    takesValue: option.type !== 'boolean',
  }));
}

/** The words that a command's arguments may be, behind a blank. */
function wordsOf(command: Command): string {
  const choices = Object.values(command.positionals ?? {}).flatMap(one => [...(one.choices ?? [])]);
  const last = command.positionals && 'build' in command.positionals ? ['last'] : [];
  return [...choices, ...last].map(word => ` ${word}`).join('');
}

/** Within single quotes and an _arguments description. */
function quoted(text: string): string {
  return text.replaceAll("'", "'\\''").replace(/[[\]:]/g, '\\$&');
}
