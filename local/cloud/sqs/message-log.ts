import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { createSettlement, type Settlement } from '../settlement.ts';

/** Where a line is. */
export interface LogPlace {
  readonly segment: number;
  readonly offset: number;
  readonly bytes: number;
}

export type Replay = (line: string, place: LogPlace) => void;

export interface Appended {
  readonly place: LogPlace;
  readonly durable: Promise<void>;
}

const SEGMENT_NAME = /^(\d+)\.log$/;
const NEWLINE = 0x0a;

/**
 * Lines in files that only grow, `<number>.log`, the oldest first. All lines of one turn of the event loop are
 * one write. It is a synchronous one: into the page cache it takes less time than a thread takes to wake up,
 * and nothing can happen between a decision and its place on disk.
 */
export class MessageLog {
  readonly #directory: string;
  readonly #segmentBytes: number;
  readonly #segments: number[];
  #file = -1;
  #size = 0;
  #pending: string[] = [];
  #pendingBytes = 0;
  #settlement: Settlement | undefined;

  /** Called when a new segment has begun. */
  onRolled: () => void = () => {};

  /** Each run begins a segment, so a line torn by the end of a process is only ever the last of its file. */
  constructor(directory: string, segmentBytes: number, replay: Replay) {
    this.#directory = directory;
    this.#segmentBytes = segmentBytes;
    mkdirSync(directory, { recursive: true });
    this.#segments = readdirSync(directory)
      .flatMap((name) => SEGMENT_NAME.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
    for (const segment of this.#segments) replaySegment(this.#pathOf(segment), segment, replay);
    this.#begin();
  }

  /** The last one is being written. */
  get segments(): readonly number[] {
    return this.#segments;
  }

  append(text: string): Appended {
    if (this.#settlement === undefined) {
      this.#settlement = createSettlement();
      setImmediate(() => this.flush());
    }
    const line = `${text}\n`;
    const bytes = Buffer.byteLength(line);
    const place = { segment: this.#current, offset: this.#size + this.#pendingBytes, bytes };
    this.#pending.push(line);
    this.#pendingBytes += bytes;
    return { place, durable: this.#settlement.promise };
  }

  /** False when what was appended since the last flush could not be written; its promise rejects. */
  flush(): boolean {
    const settlement = this.#settlement;
    if (settlement === undefined) return true;
    const bytes = Buffer.from(this.#pending.join(''));
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#settlement = undefined;
    try {
      writeAll(this.#file, bytes, this.#size);
    } catch (error) {
      settlement.reject(error);
      this.#cutOff();
      return false;
    }
    this.#size += bytes.length;
    settlement.resolve();
    if (this.#size >= this.#segmentBytes) this.#roll();
    return true;
  }

  /** Undefined when the line is not there: its write failed. */
  read({ segment, offset, bytes }: LogPlace): string | undefined {
    this.flush();
    const file = openSync(this.#pathOf(segment), 'r');
    try {
      const line = Buffer.allocUnsafe(bytes);
      let read = 0;
      for (let more = -1; more !== 0 && read < bytes; read += more) {
        more = readSync(file, line, read, bytes - read, offset + read);
      }
      return read === bytes ? line.toString('utf8', 0, bytes - 1) : undefined;
    } finally {
      closeSync(file);
    }
  }

  dropOldest(): void {
    const [oldest] = this.#segments;
    if (oldest === undefined || oldest === this.#current) return;
    unlinkSync(this.#pathOf(oldest));
    this.#segments.shift();
  }

  close(): void {
    this.flush();
    closeSync(this.#file);
  }

  get #current(): number {
    return this.#segments.at(-1) ?? 0;
  }

  #pathOf(segment: number): string {
    return join(this.#directory, `${segment}.log`);
  }

  #begin(): void {
    const segment = this.#current + 1;
    const file = openSync(this.#pathOf(segment), 'wx');
    if (this.#file !== -1) closeSync(this.#file);
    this.#segments.push(segment);
    this.#file = file;
    this.#size = 0;
  }

  #roll(): void {
    try {
      this.#begin();
    } catch {
      // No room for another file: this one goes on, and the next flush tries again.
      return;
    }
    this.onRolled();
  }

  /** What is left of a failed write would run into the next line. */
  #cutOff(): void {
    try {
      ftruncateSync(this.#file, this.#size);
    } catch {
      this.#roll();
    }
  }
}

function writeAll(file: number, bytes: Buffer, position: number): void {
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(file, bytes, written, bytes.length - written, position + written);
  }
}

function replaySegment(path: string, segment: number, replay: Replay): void {
  const content = readFileSync(path);
  let offset = 0;
  for (let end = content.indexOf(NEWLINE); end !== -1; end = content.indexOf(NEWLINE, offset)) {
    replay(content.toString('utf8', offset, end), { segment, offset, bytes: end + 1 - offset });
    offset = end + 1;
  }
}
