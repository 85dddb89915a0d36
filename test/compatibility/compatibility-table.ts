import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ANTHROPIC_CASES } from './anthropic-cases.ts';
import { AWS_CASES } from './aws-cases.ts';
import { type CompatibilityCase, SDKS, type SdkName } from './compatibility-case.ts';
import { OPENAI_CASES } from './openai-cases.ts';

export const CASES: readonly CompatibilityCase[] = [...ANTHROPIC_CASES, ...OPENAI_CASES, ...AWS_CASES];

const ROOT = resolve(__dirname, '../..');
export const DOCUMENT = join(ROOT, 'docs/compatibility.md');

const START = '<!-- compatibility: written by test/compatibility/write-table.ts -->';
const END = '<!-- end of compatibility -->';

const versionOf = (sdk: SdkName): string => {
  const manifest = readFileSync(join(ROOT, 'node_modules', SDKS[sdk], 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
};

const tableOf = (sdk: SdkName): string => {
  const rows = CASES.filter((known) => known.sdk === sdk);
  return [
    `### \`${SDKS[sdk]}\` ${versionOf(sdk)}`,
    '',
    '| Call | Works | |',
    '|---|---|---|',
    ...rows.map(({ call, works, sentence }) => `| ${call} | ${works} | ${sentence} |`),
  ].join('\n');
};

/** What the suite has seen the clients do. */
export const renderTables = (): string => (Object.keys(SDKS) as SdkName[]).map(tableOf).join('\n\n');

export const tablesIn = (document: string): string =>
  document.slice(document.indexOf(START) + START.length, document.indexOf(END)).trim();

export const replaceTables = (document: string): string => {
  const start = document.indexOf(START);
  const end = document.indexOf(END);
  if (start < 0 || end < 0) throw new Error(`The document has no place for the tables: ${START} … ${END}`);
  return `${document.slice(0, start + START.length)}\n\n${renderTables()}\n\n${document.slice(end)}`;
};
