import type { SQSClient } from '@aws-sdk/client-sqs';
import type { CallRecord, Truth } from '../../local/bedrock/truth.ts';
import type { ReadyLine } from '../../local/ready-line.ts';
import { QUEUES } from '../../shared/contract/names.ts';
import type { Result } from '../../shared/contract/request.ts';
import { takeResults } from '../end-to-end/clients.ts';

type CallsByMarker = ReadonlyMap<string, CallRecord>;

const MOST_SILENT_RECEIVES = 60;

/** What the simulator knows a call by, and what its answer has to repeat. */
export const markerOf = (id: string): string => `bench ${id} `;

const say = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
};

/** By custom id; each is answered once, with its own answer. */
export const collectAnswers = async (
  ready: ReadyLine,
  sqs: SQSClient,
  count: number,
): Promise<ReadonlyMap<string, Result>> => {
  const results = new Map<string, Result>();
  for (let silent = 0; silent < MOST_SILENT_RECEIVES && results.size < count; ) {
    const taken = await takeResults(sqs, ready.queues[QUEUES.results] ?? '');
    silent = taken.length === 0 ? silent + 1 : 0;
    for (const result of taken) {
      const id = result.custom_id ?? '';
      if (results.has(id)) throw new Error(`${id} was answered twice`);
      if (result.content?.includes(markerOf(id)) !== true) throw new Error(`${id} has no answer of its own`);
      results.set(id, result);
    }
    say(`${results.size} of ${count} answered`);
  }
  if (results.size !== count) throw new Error(`only ${results.size} of ${count} were answered`);
  return results;
};

export const truthOf = async ({ endpoints }: ReadyLine): Promise<Truth> =>
  (await (await fetch(`${endpoints.bedrockRuntime}/_sim/truth?calls=1`)).json()) as Truth;

/** Of each its one call that was not refused. */
export const callsOf = ({ recent_calls = [], calls, refused }: Truth, count: number): CallsByMarker => {
  if (calls - refused !== count) throw new Error(`${count} requests took ${calls - refused} model calls`);
  return new Map(recent_calls.filter(({ status }) => status !== 429).map((call) => [call.marker, call]));
};

export const calledAtMs = (calls: CallsByMarker, id: string): number => {
  const call = calls.get(markerOf(id));
  if (call === undefined) throw new Error(`the simulator knows of no call of ${id}`);
  return call.at_ms;
};
