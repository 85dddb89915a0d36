import { Command, InvalidArgumentError, Option } from 'commander';
import { DEAD_LETTER_REASONS, type DeadLetterView } from '../shared/contract/dead-letter.ts';
import { limit } from '../shared/contract/limits.ts';
import { type ApiClient, createApiClient } from './api-client.ts';
import { addTargetOptions, type TargetOptions, targetOf } from './api-target.ts';
import {
  type FilterOptions,
  parseChange,
  type RedriveOptions,
  toFilter,
  toOrder,
} from './dead-letters/redrive-order.ts';
import { type RedriveTotals, redrivePages } from './dead-letters/redrive-pages.ts';
import {
  ATTEMPT_COLUMNS,
  attemptsOf,
  FAULT_COLUMNS,
  LETTER_COLUMNS,
  renderTotals,
} from './dead-letters/render-letters.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { print, printJson, printRows, say, tolerateClosedOutput } from './output.ts';
import { answered } from './refused.ts';

interface CommonOptions extends TargetOptions {
  readonly json?: true;
}

interface ListOptions extends CommonOptions, FilterOptions {
  readonly limit: number;
}

interface LettersPage {
  readonly dead_letters: readonly DeadLetterView[];
  readonly next_cursor: string | null;
}

const PAGE = limit('list_entries');

const readPage = async (
  client: ApiClient,
  options: FilterOptions,
  cursor: string | null,
): Promise<LettersPage> => {
  const query = new URLSearchParams({ limit: String(PAGE) });
  for (const [name, value] of Object.entries(toFilter(options))) query.set(name, String(value));
  if (cursor !== null) query.set('cursor', cursor);
  return answered(
    await client.call<LettersPage>({ method: 'GET', path: `/v1/dead-letters?${query.toString()}` }),
  );
};

const list = async (options: ListOptions): Promise<void> => {
  tolerateClosedOutput();
  const client = createApiClient(targetOf(options));
  const letters: DeadLetterView[] = [];
  let cursor: string | null = null;
  do {
    const page: LettersPage = await readPage(client, options, cursor);
    letters.push(...page.dead_letters);
    cursor = page.next_cursor;
  } while (cursor !== null && letters.length < options.limit);
  const shown = letters.slice(0, options.limit);
  if (options.json === true) for (const letter of shown) printJson(letter);
  else printRows(shown, LETTER_COLUMNS);
  if (shown.length === 0) say('There are none.');
  else if (cursor !== null || letters.length > shown.length)
    say(`The first ${shown.length}; --limit shows more.`);
};

const show = async (id: string, options: CommonOptions): Promise<void> => {
  const client = createApiClient(targetOf(options));
  const path = `/v1/dead-letters/${encodeURIComponent(id)}`;
  const letter = answered(await client.call<DeadLetterView>({ method: 'GET', path }));
  if (options.json === true) return printJson(letter);
  const { history: _, earlier: __, ...facts } = letter;
  for (const [name, value] of Object.entries(facts)) print(`${name}\t${value ?? '-'}`);
  printRows(attemptsOf(letter), ATTEMPT_COLUMNS);
};

const tell = (totals: RedriveTotals, { json }: CommonOptions): void => {
  if (json === true) printJson(totals);
  else printRows(totals.faults, FAULT_COLUMNS);
  say(renderTotals(totals));
};

const redrive = async (ids: readonly string[], options: RedriveOptions & CommonOptions): Promise<void> => {
  const order = toOrder(ids, options);
  const client = createApiClient(targetOf(options));
  const totals = await redrivePages(client, order, (soFar) => say(renderTotals(soFar)));
  tell(totals, options);
  if (totals.faults.length > 0) process.exitCode = EXIT_CODES.someFailed;
};

const wholeNumber = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
};

const withFilter = (command: Command): Command =>
  command
    .addOption(new Option('--reason <code>', 'how they ended').choices(DEAD_LETTER_REASONS))
    .option('--model <name>', 'of this pool, or of one of its model ids')
    .option('--tenant <name>', 'of this tenant')
    .addOption(new Option('--older-than <seconds>', 'died so long ago at least').argParser(wholeNumber))
    .addOption(new Option('--younger-than <seconds>', 'died less long ago').argParser(wholeNumber));

const withCommon = (command: Command): Command =>
  addTargetOptions(command).option('--json', 'print JSON, one object a line');

const createList = (): Command =>
  withCommon(withFilter(new Command('list')))
    .description('Show requests that failed and can be sent again, the last to die first.')
    .addOption(new Option('--limit <n>', 'most to show').argParser(wholeNumber).default(PAGE))
    .action(list);

const createShow = (): Command =>
  withCommon(new Command('show'))
    .description('Show one of them, with its attempts.')
    .argument('<id>', 'the id of the request')
    .action(show);

const createRedrive = (): Command =>
  withCommon(withFilter(new Command('redrive')))
    .description('Send requests that failed again.')
    .argument('[ids...]', 'only these')
    .option('--all', 'all there are')
    .addOption(
      new Option('--set <name=value>', 'what is to be other, such as max_tokens=500; may be repeated')
        .argParser(parseChange)
        .default({}, 'nothing'),
    )
    .option('--to <pool>', 'to another pool; the same as --set model=')
    .requiredOption('--why <words>', 'stands in the list of redrives')
    .option('--dry-run', 'only count, and name faults')
    .addOption(new Option('--per-second <n>', 'how many a second').argParser(wholeNumber))
    .action(redrive);

export const createDeadLettersCommand = (): Command => {
  const letters = new Command('dead-letters').description(
    'List requests that failed, and send them again; for operators.',
  );
  for (const command of [createList(), createShow(), createRedrive()])
    letters.addCommand(command.exitOverride());
  return letters;
};
