import { renderTable } from '../../../cli/simulate/render-report.ts';
import { AWS_SAMPLE_USD, type Bill, LAMBDA_PER_CALL, PARTS, sumOfBill, toBill, type Usage } from './bill.ts';
import { type CostRun, type Door, measureCost } from './measure-cost.ts';

export interface CostRow {
  readonly name: string;
  readonly usage: Usage;
  readonly usd_per_million: Bill;
  readonly sum_usd: number;
}

export interface CostReport {
  readonly rows: readonly CostRow[];
  readonly lambda_per_call: CostRow;
  /** Published, not counted. */
  readonly aws_sample_usd: number;
}

const DOOR_NAMES: Readonly<Record<Door, string>> = { queue: 'by queue', http: 'HTTP, read once' };
const SECONDS_AT: readonly (readonly [perSecond: number, seconds: number])[] = [
  [100, 10],
  [10, 20],
  [1, 60],
];

const toRow = (name: string, usage: Usage): CostRow => {
  const bill = toBill(usage);
  return { name, usage, usd_per_million: bill, sum_usd: sumOfBill(bill) };
};

const nameOf = ({ door, perSecond }: CostRun): string => `${DOOR_NAMES[door]}, ${perSecond}/s`;

/** The pipeline at each rate through each door; `quick` only the fastest. */
export const runCost = async (quick: boolean, say: (text: string) => void): Promise<CostReport> => {
  const rows: CostRow[] = [];
  for (const door of ['queue', 'http'] as const)
    for (const [perSecond, seconds] of quick ? SECONDS_AT.slice(0, 1) : SECONDS_AT) {
      const run = { door, perSecond, seconds };
      say(`cost: ${nameOf(run)}`);
      rows.push(toRow(nameOf(run), await measureCost(run)));
    }
  return {
    rows,
    lambda_per_call: toRow('Lambda per call', LAMBDA_PER_CALL),
    aws_sample_usd: AWS_SAMPLE_USD,
  };
};

const MOST_USD_BY_QUEUE_AT_100 = 3.5;

export const checkCost = ({ rows }: CostReport): readonly string[] =>
  rows
    .filter(({ name, sum_usd }) => name === 'by queue, 100/s' && sum_usd > MOST_USD_BY_QUEUE_AT_100)
    .map(
      ({ name, sum_usd }) => `${name}: $${sum_usd.toFixed(2)} a million, at most ${MOST_USD_BY_QUEUE_AT_100}`,
    );

export const renderCost = ({ rows, lambda_per_call, aws_sample_usd }: CostReport): string =>
  renderTable([
    ['$ a million requests', ...PARTS, 'sum', 'SQS calls', 'writes', 'puts'],
    ...[...rows, lambda_per_call].map(({ name, usage, usd_per_million, sum_usd }) => [
      name,
      ...PARTS.map((part) => usd_per_million[part].toFixed(2)),
      sum_usd.toFixed(2),
      usage.sqsCalls.toFixed(2),
      usage.writes.toFixed(2),
      usage.puts.toFixed(3),
    ]),
    ['AWS sample, as published', ...PARTS.map(() => ''), aws_sample_usd.toFixed(2), '', '', ''],
  ]);
