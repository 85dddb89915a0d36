import { SqsError } from './sqs-error.ts';
import { readObjects, readString, type SqsInput } from './sqs-input.ts';

const MAX_ENTRIES = 10;
const ENTRY_ID = /^[A-Za-z0-9_-]{1,80}$/;

export interface BatchEntry<Input> {
  readonly id: string;
  readonly input: Input;
}

export interface BatchFailure {
  readonly Id: string;
  readonly SenderFault: true;
  readonly Code: string;
  readonly Message: string;
}

export interface Sorted<T> {
  readonly valid: readonly BatchEntry<T>[];
  readonly failures: readonly BatchFailure[];
}

/** What is wrong with the batch as a whole refuses all of it. */
export function readBatch(input: SqsInput): readonly BatchEntry<SqsInput>[] {
  const entries = readObjects(input.Entries, 'Entries');
  if (entries.length === 0) {
    throw new SqsError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  }
  if (entries.length > MAX_ENTRIES) {
    throw new SqsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${MAX_ENTRIES}. You have sent ${entries.length}.`,
    );
  }
  const seen = new Set<string>();
  return entries.map((entry) => {
    const id = readString(entry.Id, 'Id') ?? '';
    if (!ENTRY_ID.test(id)) {
      throw new SqsError(
        'InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      );
    }
    if (seen.has(id)) throw new SqsError('BatchEntryIdsNotDistinct', `Id ${id} repeated.`);
    seen.add(id);
    return { id, input: entry };
  });
}

/** What is wrong with one entry fails that entry alone. */
export function sortBatch<Input, T>(
  entries: readonly BatchEntry<Input>[],
  parse: (input: Input) => T,
): Sorted<T> {
  const valid: BatchEntry<T>[] = [];
  const failures: BatchFailure[] = [];
  for (const { id, input } of entries) {
    try {
      valid.push({ id, input: parse(input) });
    } catch (error) {
      if (!(error instanceof SqsError)) throw error;
      failures.push({ Id: id, SenderFault: true, Code: error.queryCode, Message: error.message });
    }
  }
  return { valid, failures };
}

export function describeBatch(successful: readonly object[], failures: readonly BatchFailure[]): object {
  return failures.length > 0 ? { Successful: successful, Failed: failures } : { Successful: successful };
}
