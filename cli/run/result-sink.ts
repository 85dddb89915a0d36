import { closeSync, existsSync, fdatasyncSync, ftruncateSync, openSync, statSync, writeSync } from 'node:fs';
import { UserError } from '../../local/user-error.ts';
import type { Result } from '../../shared/contract/request.ts';
import type { CheckedItem } from '../input/check-input.ts';
import type { ResultWriter } from '../results/render-result.ts';
import type { RunJournal } from './run-journal.ts';

export interface PlacedResult {
  /** Of its request among all. */
  readonly place: number;
  readonly result: Result;
}

/** Where results go, each once. */
export interface ResultSink {
  /** Places whose results are there from an earlier time. */
  readonly written: ReadonlySet<number>;
  write(results: readonly PlacedResult[]): void;
  close(): void;
}

const textOf = (
  results: readonly PlacedResult[],
  requests: readonly CheckedItem[],
  writer: ResultWriter,
): string =>
  results
    .map(({ place, result }) => {
      const item = requests[place]?.item;
      const id = item?.id ?? result.custom_id ?? result.request_id;
      return writer.render({ result, id, source: item?.source ?? {} });
    })
    .join('');

/** Whoever reads has seen nothing of an earlier time: all results come. */
export const openStreamSink = (
  requests: readonly CheckedItem[],
  writer: ResultWriter,
  print: (text: string) => void,
): ResultSink => {
  if (writer.head !== '') print(writer.head);
  return {
    written: new Set(),
    write: (results) => {
      if (results.length > 0) print(textOf(results, requests, writer));
    },
    close: () => {},
  };
};

/** The file as far as the journal knows it, or nothing of it when somebody has made it shorter since. */
const knownBytes = (path: string, { state }: RunJournal): number =>
  existsSync(path) && statSync(path).size >= state.outBytes ? state.outBytes : 0;

const open = (path: string): number => {
  try {
    return openSync(path, existsSync(path) ? 'r+' : 'w');
  } catch (error) {
    throw new UserError(`The results cannot be written to ${path}: ${(error as Error).message}.`);
  }
};

/** The results lie in the file before the journal says so; what the journal does not know of is cut off and written again. */
export const openFileSink = (
  path: string,
  {
    requests,
    writer,
    journal,
  }: {
    readonly requests: readonly CheckedItem[];
    readonly writer: ResultWriter;
    readonly journal: RunJournal;
  },
): ResultSink => {
  let bytes = knownBytes(path, journal);
  const isKept = bytes > 0;
  const file = open(path);
  ftruncateSync(file, bytes);
  if (!isKept && journal.state.written.size > 0) journal.noteBegunAnew();
  const append = (text: string): void => {
    const data = Buffer.from(text);
    for (let done = 0; done < data.byteLength; )
      done += writeSync(file, data, done, data.byteLength - done, bytes + done);
    bytes += data.byteLength;
  };
  if (!isKept && writer.head !== '') append(writer.head);
  return {
    written: isKept ? journal.state.written : new Set(),
    write: (results) => {
      if (results.length === 0) return;
      append(textOf(results, requests, writer));
      fdatasyncSync(file);
      journal.noteWritten(
        results.map(({ place }) => place),
        bytes,
      );
    },
    close: () => closeSync(file),
  };
};
