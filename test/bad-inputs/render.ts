import type { Fault, QueryFault } from '../../shared/contract/problem.ts';
import { type Answers, askBothDoors, textOf } from './ask-doors.ts';
import { BAD_INPUT_GROUPS, type BadInput } from './cases.ts';

const HEAD = `# Bad inputs

What each door answers to what it cannot take, exactly. A test sends all of it and compares; \`node --import tsx
test/bad-inputs/write.ts\` writes this page anew. Nothing of it is accepted, and a bad message never holds up the good ones beside
it.

On the input queue the same problem comes back on the results queue, as \`error\` of a [refusal](requests.md#refusal). What is not
JSON has nobody to be answered: it goes to the dead letters of the input queue, and the metric \`UnreadableMessages\` counts it.
What is marked "HTTP only" cannot come by a queue.

Of a name that comes twice the last counts, as in most JSON parsers. A byte order mark is left out.

The codes are explained in [errors](errors.md), the limits in [limits](limits.md). It is noon of 31 January 2026; two pools,
\`haiku\` and \`nova\`, are configured.
`;

const LONGEST = 110;
const LONGEST_ANSWER = 240;

const escapeCell = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('\n', '⏎').replaceAll('\t', '⇥');

const shorten = (text: string, longest = LONGEST): string =>
  text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;

const toCode = (text: string): string => {
  const shown = shorten(text.replaceAll('\n', '⏎').replaceAll('\t', '⇥')).replaceAll('|', '\\|');
  return shown.includes('`') ? `\`\` ${shown} \`\`` : `\`${shown}\``;
};

const shownHeaders = ({ headers = {} }: BadInput): string =>
  Object.entries(headers)
    .map(([name, value]) => `${toCode(value === '' ? `no ${name}` : shorten(`${name}: ${value}`))}<br>`)
    .join('');

const shownQuery = ({ query }: BadInput): string => (query === undefined ? '' : `${toCode(query)}<br>`);

const shownInput = (input: BadInput): string => {
  const text = input.shown ?? textOf(input);
  return (
    shownQuery(input) +
    shownHeaders(input) +
    (text.trim() === '' ? (text === '' ? 'nothing' : '`⏎`') : toCode(text))
  );
};

const placeOf = (fault: Fault | QueryFault): string => {
  if ('parameter' in fault) return `the parameter ${toCode(fault.parameter)}`;
  return fault.pointer === '' ? '(the whole)' : toCode(fault.pointer);
};

const toFaultLine = (fault: Fault | QueryFault): string =>
  `${placeOf(fault)} ${fault.code}: ${escapeCell(shorten(fault.detail, LONGEST_ANSWER))}`;

/** The words of the engine's parser change with it. */
const withoutEngineWords = (detail: string): string =>
  detail.replace(/^(The body is not JSON: ).*$/, '$1… (the parser says where)');

const shownAnswer = ({ http: { problem } }: Answers): string =>
  problem.errors === undefined
    ? escapeCell(shorten(withoutEngineWords(problem.detail), LONGEST_ANSWER))
    : (problem.errors as readonly (Fault | QueryFault)[]).map(toFaultLine).join('<br>');

const shownQueue = ({ queue }: Answers): string => {
  if (queue === undefined) return 'HTTP only';
  return queue.kind === 'set_aside' ? 'dead letters' : queue.kind === 'refused' ? 'the same' : 'accepted';
};

const toRow = async (input: BadInput): Promise<string> => {
  const answers = await askBothDoors(input);
  const { status, problem } = answers.http;
  return `| ${input.name} | ${shownInput(input)} | ${status} \`${problem.code}\` | ${shownQueue(answers)} | ${shownAnswer(answers)} |`;
};

const toTable = async ([title, inputs]: (typeof BAD_INPUT_GROUPS)[number]): Promise<string> => {
  const rows: string[] = [];
  for (const input of inputs) rows.push(await toRow(input));
  return `\n## ${title}\n\n| What | Sent | HTTP | Queue | Answer |\n|---|---|---|---|---|\n${rows.join('\n')}\n`;
};

/** docs/reference/bad-inputs.md, from the answers of both doors. */
export const renderBadInputs = async (): Promise<string> => {
  const tables: string[] = [];
  for (const group of BAD_INPUT_GROUPS) tables.push(await toTable(group));
  return HEAD + tables.join('');
};
