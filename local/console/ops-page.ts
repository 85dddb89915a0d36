import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import {
  deadLetterQueue,
  type Lane,
  laneQueue,
  lanesOf,
  parkedQueue,
  QUEUES,
} from '../../shared/contract/names.ts';
import type { Settings } from '../../shared/contract/settings.ts';
import { escapeHtml } from './escape-html.ts';

export interface OpsPageOptions {
  readonly settings: Settings;
  readonly sqs: SQSClient;
  /** URLs by name within the deployment. */
  readonly queues: Readonly<Record<string, string>>;
}

interface Depth {
  readonly queue: string;
  readonly waiting: number;
  readonly inHand: number;
}

const REFRESH_SECONDS = 2;

const STYLE = `
  :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
  body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
  table { border-collapse: collapse; width: 100%; margin: 0 0 2rem; }
  th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
  td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
  .bad { color: light-dark(#b00020, #ff8a80); font-weight: 600; }
`;

const CONTENT_SECURITY_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const depthOf = async ({ sqs, queues }: OpsPageOptions, queue: string): Promise<Depth> => {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: queues[queue],
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return {
    queue,
    waiting: Number(Attributes.ApproximateNumberOfMessages ?? 0),
    inHand: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
  };
};

const row = ({ queue, waiting, inHand }: Depth, alarming: boolean): string => {
  const mark = alarming && waiting > 0 ? ' class="bad"' : '';
  return `<tr${mark}><td>${escapeHtml(queue)}</td><td class="number">${waiting}</td><td class="number">${inHand}</td></tr>`;
};

const table = (title: string, rows: readonly string[]): string =>
  `<table><thead><tr><th scope="col">${title}</th><th scope="col" class="number">waiting</th><th scope="col" class="number">in hand</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;

export const lettersText = (letters: number): string =>
  letters === 1 ? '1 dead letter' : `${letters === 0 ? 'no' : letters} dead letters`;

interface Depths {
  readonly lanes: readonly Depth[];
  readonly parked: readonly Depth[];
  readonly doors: readonly Depth[];
  readonly dead: readonly Depth[];
}

const sumOf = (depths: readonly Depth[]): number =>
  depths.reduce((sum, { waiting, inHand }) => sum + waiting + inHand, 0);

const render = ({ lanes, parked, doors, dead }: Depths): string => {
  const letters = sumOf(dead);
  const summary = `${sumOf(lanes)} in the lanes, ${sumOf(parked)} parked, ${lettersText(letters)}`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="${REFRESH_SECONDS}"><title>Request Smoother: ${summary}</title><style>${STYLE}</style></head><body><main><h1>Bedrock Request Smoother</h1><p role="status"${letters > 0 ? ' class="bad"' : ''}>${summary}.</p>${table(
    'Lane',
    lanes.map((depth) => row(depth, false)),
  )}${table(
    'Parked until it may run',
    parked.map((depth) => row(depth, false)),
  )}${table(
    'Door',
    doors.map((depth) => row(depth, false)),
  )}${table(
    'Dead letters',
    dead.map((depth) => row(depth, true)),
  )}</main></body></html>`;
};

/** The local page for operators: what waits where, renewed by itself. Nothing on it comes from a prompt. */
export const createOpsPage = (options: OpsPageOptions) => {
  const pools = Object.keys(options.settings.models);
  const depths = (names: readonly string[]): Promise<readonly Depth[]> =>
    Promise.all(names.map((name) => depthOf(options, name)));
  return async (request: Request): Promise<Response | undefined> => {
    const { pathname } = new URL(request.url);
    if (request.method !== 'GET') return undefined;
    if (pathname === '/') return new Response(null, { status: 302, headers: { location: '/ops' } });
    if (pathname !== '/ops') return undefined;
    const [lanes, parked, doors, dead] = await Promise.all([
      depths(pools.flatMap((pool) => lanesOf(pool).map((lane: Lane) => laneQueue(lane)))),
      depths(pools.map(parkedQueue)),
      depths([QUEUES.input, QUEUES.results]),
      depths([QUEUES.inputDeadLetter, QUEUES.wakeDeadLetter, ...pools.map(deadLetterQueue)]),
    ]);
    return new Response(render({ lanes, parked, doors, dead }), {
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'content-security-policy': CONTENT_SECURITY_POLICY,
      },
    });
  };
};
