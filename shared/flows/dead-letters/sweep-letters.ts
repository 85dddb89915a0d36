import { deadLetterQueue } from '../../contract/names.ts';
import { generationOf, type RequestItem } from '../../contract/request-item.ts';
import { canReopen } from '../../core/dead-letter.ts';
import { decodeLaneMessage } from '../../core/lane-message.ts';
import type { Queues, Receipt } from '../../ports/queues.ts';
import type { RequestReader } from '../../ports/request-reader.ts';
import type { Telemetry } from '../../ports/telemetry.ts';

export interface SweepDeps {
  readonly queues: Queues;
  readonly requestReader: RequestReader;
  readonly telemetry: Telemetry;
}

/** So many receives of ten for each call: what is left is swept by the next. */
const MOST_RECEIVES = 20;

interface Letter {
  readonly receipt: Receipt;
  readonly requestId: string;
  readonly generation: number;
}

/** It tells of an end that is none any more. One without state is left for whoever looks into it. */
const isStale = ({ generation }: Letter, item: RequestItem | undefined): boolean =>
  item !== undefined && (generationOf(item) !== generation || !canReopen(item));

const sweep = async (queue: string, { queues, requestReader }: SweepDeps): Promise<number> => {
  const kept: Receipt[] = [];
  let removed = 0;
  for (let round = 0; round < MOST_RECEIVES; round += 1) {
    const messages = await queues.receive(queue, { max: 10, waitSeconds: 0 });
    if (messages.length === 0) break;
    const letters = messages.flatMap(({ body, receipt }): readonly Letter[] => {
      const decoded = decodeLaneMessage(body);
      if (decoded.kind !== 'dead_letter') return [];
      const { request_id: requestId, generation } = decoded.letter;
      return [{ receipt: { queue, receipt }, requestId, generation }];
    });
    const items = await requestReader.readMany([...new Set(letters.map(({ requestId }) => requestId))]);
    const stale = letters
      .filter((letter) => isStale(letter, items.get(letter.requestId)))
      .map(({ receipt }) => receipt);
    const isRemoved = new Set(stale.map(({ receipt }) => receipt));
    kept.push(
      ...messages.filter(({ receipt }) => !isRemoved.has(receipt)).map(({ receipt }) => ({ queue, receipt })),
    );
    await queues.remove(stale);
    removed += stale.length;
  }
  await queues.setVisibility(kept, 0);
  return removed;
};

/**
 * Removes messages of a pool's dead-letter queue that tell of what has been reopened since. They would do no harm but
 * keep the alarm ringing, so that a failure here is no failure of whoever asked.
 */
export const sweepLetters = async (pool: string, deps: SweepDeps): Promise<number> => {
  try {
    return await sweep(deadLetterQueue(pool), deps);
  } catch (error) {
    deps.telemetry.log('warn', 'dead_letters_not_swept', { pool, error: String(error) });
    return 0;
  }
};
