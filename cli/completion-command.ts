import { Argument, Command } from 'commander';
import { print } from './output.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

interface Words {
  readonly name: string;
  readonly description: string;
  readonly options: readonly string[];
}

const wordsOf = (program: Command): readonly Words[] =>
  program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    options: [
      ...command.options.flatMap(({ long }) => (long === undefined || long === null ? [] : [long])),
      ...command.commands.map((inner) => inner.name()),
    ],
  }));

const shell = (variable: string): string => `$\{${variable}}`;

const toBash = (words: readonly Words[]): string =>
  [
    '_smoother() {',
    `  local current="${shell('COMP_WORDS[COMP_CWORD]')}" words`,
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    words="${words.map(({ name }) => name).join(' ')}"`,
    '  else',
    `    case "${shell('COMP_WORDS[1]')}" in`,
    ...words.map(({ name, options }) => `      ${name}) words="${options.join(' ')}" ;;`),
    '    esac',
    '  fi',
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    '}',
    'complete -o default -F _smoother smoother',
  ].join('\n');

/** Zsh runs completions of bash. */
const toZsh = (words: readonly Words[]): string =>
  ['autoload -U +X bashcompinit && bashcompinit', toBash(words)].join('\n');

const quoted = (text: string): string => `'${text.replaceAll("'", "\\'")}'`;

const toFish = (words: readonly Words[]): string =>
  words
    .flatMap(({ name, description, options }) => [
      `complete -c smoother -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`,
      ...options.map((option) =>
        option.startsWith('--')
          ? `complete -c smoother -n '__fish_seen_subcommand_from ${name}' -l ${option.slice(2)}`
          : `complete -c smoother -n '__fish_seen_subcommand_from ${name}' -a ${option}`,
      ),
    ])
    .join('\n');

const SCRIPTS: Readonly<Record<Shell, (words: readonly Words[]) => string>> = {
  bash: toBash,
  zsh: toZsh,
  fish: toFish,
};

/** `eval "$(smoother completion bash)"` */
export const createCompletionCommand = (program: Command): Command =>
  new Command('completion')
    .description('The script that completes commands and options in a shell.')
    .addArgument(new Argument('<shell>', 'which').choices(SHELLS))
    .action((shell: Shell) => print(SCRIPTS[shell](wordsOf(program))));
