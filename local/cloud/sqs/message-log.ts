import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { createSettlement, type Settlement } from '../settlement.ts';
import { DamagedLogError } from './damaged-log-error.ts';
import { PendingLines, readLines, textOfLine } from './log-lines.ts';

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

/** As `writeSync`: returns how many bytes were written. */
export type WriteBytes = (
  file: number,
  bytes: Buffer,
  offset: number,
  length: number,
  position: number,
) => number;

export interface MessageLogOptions {
  readonly directory: string;
  readonly segmentBytes: number;
  readonly write?: WriteBytes | undefined;
}

const SEGMENT_NAME = /^(\d+)\.log$/;

/**
 * Lines in files that only grow, `<number>.log`, the oldest first. All lines of one turn of the event loop are
 * one write. It is a synchronous one: into the page cache it takes less time than a thread takes to wake up,
 * and nothing can happen between a decision and its place on disk.
 *
 * When a write fails, for example on a full disk, what was written of it is cut off again and everybody who waits
 * is told. Lines that are owed go before all others of the next write, so nothing later is durable without them.
 */
export class MessageLog {
  readonly #directory: string;
  readonly #segmentBytes: number;
  readonly #write: WriteBytes;
  readonly #segments: number[];
  readonly #pending = new PendingLines();
  #file = -1;
  #size = 0;
  #settlement: Settlement | undefined;
  /** Something of a failed write may be behind `#size`. */
  #isTorn = false;

  /** Called when a new segment has begun. */
  onRolled: () => void = () => {};

  /** Each run begins a segment, so a line torn by the end of a process is only ever the last of its file. */
  constructor({ directory, segmentBytes, write = writeSync }: MessageLogOptions, replay: Replay) {
    this.#directory = directory;
    this.#segmentBytes = segmentBytes;
    this.#write = write;
    mkdirSync(directory, { recursive: true });
    this.#segments = readdirSync(directory)
      .flatMap((name) => SEGMENT_NAME.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
    this.#refuseGaps();
    for (const segment of this.#segments) {
      readLines(this.#pathOf(segment), (text, offset, bytes) => replay(text, { segment, offset, bytes }));
    }
    this.#begin();
  }

  /** The last one is being written. */
  get segments(): readonly number[] {
    return this.#segments;
  }

  /** An owed line says what has happened in memory already, and is written sooner or later. */
  append(text: string, { isOwed = false } = {}): Appended {
    const durable = this.#nextFlush();
    const offset = this.#size + this.#pending.length;
    const bytes = this.#pending.add(text, isOwed);
    return { place: { segment: this.#current, offset, bytes }, durable };
  }

  /** Resolves when no line is owed from before. */
  settled(): Promise<void> {
    return this.#pending.length === 0 ? Promise.resolve() : this.#nextFlush();
  }

  /** False when what was appended since the last flush could not be written; its promise rejects. */
  flush(): boolean {
    if (this.#pending.length === 0) return true;
    const settlement = this.#settlement;
    this.#settlement = undefined;
    try {
      this.#cutOff();
      this.#isTorn = true;
      this.#writeAll(this.#pending.bytes);
      this.#isTorn = false;
    } catch (error) {
      this.#pending.clearAllButOwed();
      this.#tryToCutOff();
      settlement?.reject(error);
      return false;
    }
    this.#size += this.#pending.length;
    this.#pending.clear();
    settlement?.resolve();
    if (this.#size >= this.#segmentBytes) this.#roll();
    return true;
  }

  /** Undefined when the line is not there as it was written. */
  read({ segment, offset, bytes }: LogPlace): string | undefined {
    this.flush();
    const file = openSync(this.#pathOf(segment), 'r');
    try {
      const line = Buffer.allocUnsafe(bytes);
      let read = 0;
      for (let more = -1; more !== 0 && read < bytes; read += more) {
        more = readSync(file, line, read, bytes - read, offset + read);
      }
      return textOfLine(line.subarray(0, read));
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

  #nextFlush(): Promise<void> {
    if (this.#settlement === undefined) {
      this.#settlement = createSettlement();
      setImmediate(() => this.flush());
    }
    return this.#settlement.promise;
  }

  /** Segments go from the oldest on, so one that is missing between others was taken from outside. */
  #refuseGaps(): void {
    const [oldest = 0] = this.#segments;
    const missing = this.#segments.findIndex((segment, index) => segment !== oldest + index);
    if (missing !== -1) throw new DamagedLogError(`${this.#pathOf(oldest + missing)} is missing`);
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

  #writeAll(bytes: Buffer): void {
    for (let written = 0; written < bytes.length; ) {
      const position = this.#size + written;
      written += this.#write(this.#file, bytes, written, bytes.length - written, position);
    }
  }

  /** What is left of a failed write would run into the next line. */
  #cutOff(): void {
    if (!this.#isTorn) return;
    ftruncateSync(this.#file, this.#size);
    this.#isTorn = false;
  }

  #tryToCutOff(): void {
    try {
      this.#cutOff();
    } catch {
      // The next flush tries again, and writes nothing before it has succeeded.
    }
  }
}
