import { CASES } from './cases.ts';
import type { ConformanceCase } from './conformance-case.ts';
import { KNOWN_DIFFERENCES } from './known-differences.ts';
import { TARGET_NAMES, TARGETS, type TargetName } from './targets.ts';

const START = '<!-- conformance: written by test/conformance/write-table.ts -->';
const END = '<!-- end of conformance -->';

/** What the suite enforces: a case passes, or its difference is known and explained. */
export function renderTable(): string {
  const reasons: string[] = [];
  const rows = CASES.map((known) => {
    const cells = TARGET_NAMES.map((name) => describeCell(name, known, reasons));
    return `| ${known.service} | ${known.sentence} | ${cells.join(' | ')} |`;
  });
  const totals = TARGET_NAMES.map((name) => {
    const mine = CASES.filter(({ service }) => TARGETS[name].services.includes(service));
    const different = mine.filter(({ sentence }) => KNOWN_DIFFERENCES[name][sentence] !== undefined);
    return `${mine.length - different.length} of ${mine.length}`;
  });
  const notes = reasons.map((reason, index) => `${index + 1}. ${reason}`);
  return [
    `| service | what AWS does | ${TARGET_NAMES.join(' | ')} |`,
    `|---|---|${TARGET_NAMES.map(() => '---').join('|')}|`,
    ...rows,
    `| | **in all** | ${totals.join(' | ')} |`,
    '',
    ...notes,
  ].join('\n');
}

export function tableIn(document: string): string {
  const start = document.indexOf(START);
  const end = document.indexOf(END);
  return start < 0 || end < 0 ? '' : document.slice(start + START.length, end).trim();
}

export function replaceTable(document: string, table: string): string {
  const start = document.indexOf(START);
  const end = document.indexOf(END);
  if (start < 0 || end < 0) throw new Error(`The document has no place for the table: ${START} … ${END}`);
  return `${document.slice(0, start + START.length)}\n\n${table}\n\n${document.slice(end)}`;
}

function describeCell(name: TargetName, { service, sentence }: ConformanceCase, reasons: string[]): string {
  if (!TARGETS[name].services.includes(service)) return '–';
  const reason = KNOWN_DIFFERENCES[name][sentence]?.reason;
  if (reason === undefined) return 'yes';
  if (!reasons.includes(reason)) reasons.push(reason);
  return `no ⁽${reasons.indexOf(reason) + 1}⁾`;
}
