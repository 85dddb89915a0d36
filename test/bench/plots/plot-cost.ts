import { type Bill, PARTS, type Part } from '../cost/bill.ts';
import type { CostReport } from '../cost/run-cost.ts';
import { layOutRows, linearScale, xIn } from './rows.ts';
import { type Box, type Picture, rect, text } from './svg.ts';
import type { Tone } from './theme.ts';

const TONES: Readonly<Record<Part, Tone>> = {
  sqs: 'five',
  dynamodb: 'one',
  s3: 'four',
  lambda: 'two',
  api: 'three',
  logs: 'six',
};

const NAMES: Readonly<Record<Part, string>> = {
  sqs: 'SQS',
  dynamodb: 'DynamoDB',
  s3: 'S3',
  lambda: 'Lambda',
  api: 'API Gateway',
  logs: 'logs',
};

const MOST_USD = 40;
const scale = linearScale(MOST_USD);

interface Bar {
  readonly label: string;
  readonly isOurs: boolean;
  readonly bill: Bill | undefined;
  readonly sum: number;
}

const BAR_HEIGHT = 18;

const drawBar = ({ bill, sum, isOurs }: Bar, box: Box): string => {
  const y = box.y + (box.height - BAR_HEIGHT) / 2;
  let from = 0;
  const parts =
    bill === undefined
      ? [rect({ x: box.x, y, width: xIn(box, scale, sum) - box.x, height: BAR_HEIGHT }, 'other')]
      : PARTS.map((part) => {
          const x = xIn(box, scale, from);
          from += bill[part];
          return rect({ x, y, width: xIn(box, scale, from) - x, height: BAR_HEIGHT }, TONES[part]);
        });
  const label = text([xIn(box, scale, sum) + 8, y + 14], `$${sum.toFixed(2)}`, {
    bold: true,
    tone: isOurs ? 'ours' : 'ink',
  });
  return parts.join('') + label;
};

export const plotCost = ({ rows, lambda_per_call, aws_sample_usd }: CostReport): Picture => {
  const bars: readonly Bar[] = [
    ...rows.map(({ name, usd_per_million, sum_usd }) => ({
      label: name,
      isOurs: true,
      bill: usd_per_million,
      sum: sum_usd,
    })),
    {
      label: lambda_per_call.name,
      isOurs: false,
      bill: lambda_per_call.usd_per_million,
      sum: lambda_per_call.sum_usd,
    },
    { label: 'AWS sample, published', isOurs: false, bill: undefined, sum: aws_sample_usd },
  ];
  return layOutRows({
    title: 'What a million requests cost, besides the model',
    subtitle:
      'Calls counted on the running pipeline, at list prices. Lambda per call: 5 s of 256 MB for each request.',
    rows: bars,
    columns: [
      {
        title: 'US dollars a million',
        scale,
        ticks: [0, 10, 20, 30, 40].map((value) => ({ value, label: `$${value}` })),
      },
    ],
    rowHeight: 34,
    legend: PARTS.map((part) => ({ label: NAMES[part], tone: TONES[part], shape: 'bar' as const })),
    draw: (row, _column, box) => {
      const bar = bars[row];
      return bar === undefined ? '' : drawBar(bar, box);
    },
  });
};
