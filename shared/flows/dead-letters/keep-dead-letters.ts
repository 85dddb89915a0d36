import { parkedInputKey } from '../../contract/keys.ts';
import type { HeldRequest } from '../../contract/messages.ts';
import { deadLetterQueue } from '../../contract/names.ts';
import { DEAD_LETTER_CODES, type DeadLetterReason, toDeadLetter } from '../../core/dead-letter.ts';
import { traceOf } from '../../core/trace.ts';
import type { Objects } from '../../ports/objects.ts';
import type { Queues } from '../../ports/queues.ts';
import type { Telemetry } from '../../ports/telemetry.ts';

export interface KeepDeps {
  readonly objects: Objects;
  readonly queues: Queues;
  readonly telemetry: Telemetry;
}

export interface Kept extends DeadLetterReason {
  readonly held: HeldRequest;
}

/** Where whoever reopens it looks for it. Told again it is the same object, kept for as long anew. */
const keepText = async (held: HeldRequest, { objects, telemetry }: KeepDeps): Promise<boolean> => {
  try {
    const key = parkedInputKey(held.pool, held.request_id, held.text_id);
    await objects.put(key, Buffer.from(JSON.stringify(held)), 'application/json');
    return true;
  } catch (error) {
    telemetry.log('error', 'dead_letter_not_kept', { ...traceOf(held), error: String(error) });
    return false;
  }
};

const sendLetters = async (
  pool: string,
  letters: readonly Kept[],
  deps: KeepDeps,
): Promise<ReadonlySet<Kept>> => {
  if (letters.length === 0) return new Set();
  const bodies = letters.map((letter) => ({ body: toDeadLetter(letter.held, letter) }));
  const failed = await deps.queues.send(deadLetterQueue(pool), bodies);
  return new Set(letters.filter((_, index) => failed.has(index)));
};

/**
 * Keeps requests that failed and can be sent again: their texts in the bucket, and a letter in the pool's dead-letter
 * queue for each that somebody has to do something about. Answers with the indexes of those that were not kept.
 */
export const keepDeadLetters = async (
  pool: string,
  letters: readonly Kept[],
  deps: KeepDeps,
): Promise<ReadonlySet<number>> => {
  const isKept = await Promise.all(letters.map(({ held }) => keepText(held, deps)));
  const toTell = letters.filter(
    ({ error }, index) => isKept[index] === true && DEAD_LETTER_CODES.has(error.code),
  );
  const unsent = await sendLetters(pool, toTell, deps);
  return new Set(
    [...letters.keys()].filter((index) => {
      const letter = letters[index];
      return isKept[index] !== true || (letter !== undefined && unsent.has(letter));
    }),
  );
};
