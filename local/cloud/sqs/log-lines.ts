import { readFileSync } from 'node:fs';
import { crc32 } from '../../../shared/core/crc32.ts';
import { DamagedLogError } from './damaged-log-error.ts';

/**
 * A line is `<CRC-32 of the text in 8 hexadecimal digits> <text>\n`. Lines are gathered as bytes, to be written at
 * once; an owed line stays when a write failed, since memory is ahead of the disk by it.
 */
const PREFIX_BYTES = 9;
const NEWLINE = 0x0a;
const SPACE = 0x20;
const HEX_DIGITS = '0123456789abcdef';
const FIRST_CAPACITY_BYTES = 64 * 1024;
/** One huge batch must not hold its memory for ever. */
const KEPT_CAPACITY_BYTES = 8 * 1024 * 1024;

interface Extent {
  readonly start: number;
  readonly end: number;
}

export class PendingLines {
  #buffer = Buffer.allocUnsafeSlow(FIRST_CAPACITY_BYTES);
  #length = 0;
  #owed: Extent[] = [];

  get length(): number {
    return this.#length;
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Returns the length of the line. */
  add(text: string, isOwed: boolean): number {
    const start = this.#length;
    // UTF-8 takes at most three bytes for each unit of UTF-16.
    this.#reserve(start + PREFIX_BYTES + 3 * text.length + 1);
    const textStart = start + PREFIX_BYTES;
    const end = textStart + this.#buffer.write(text, textStart, 'utf8') + 1;
    this.#buffer[end - 1] = NEWLINE;
    writePrefix(this.#buffer, start, crc32(this.#buffer.subarray(textStart, end - 1), 0));
    this.#length = end;
    if (isOwed) this.#owed.push({ start, end });
    return end - start;
  }

  clear(): void {
    this.#length = 0;
    this.#owed = [];
    if (this.#buffer.length > KEPT_CAPACITY_BYTES)
      this.#buffer = Buffer.allocUnsafeSlow(FIRST_CAPACITY_BYTES);
  }

  clearAllButOwed(): void {
    let length = 0;
    this.#owed = this.#owed.map(({ start, end }) => {
      this.#buffer.copyWithin(length, start, end);
      const moved = { start: length, end: length + end - start };
      length = moved.end;
      return moved;
    });
    this.#length = length;
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

/** Undefined when these are not the bytes of a whole line. */
export function textOfLine(line: Buffer): string | undefined {
  if (line.length <= PREFIX_BYTES || line.at(-1) !== NEWLINE) return undefined;
  const text = line.subarray(PREFIX_BYTES, -1);
  const prefix = Buffer.allocUnsafe(PREFIX_BYTES);
  writePrefix(prefix, 0, crc32(text, 0));
  return prefix.equals(line.subarray(0, PREFIX_BYTES)) ? text.toString('utf8') : undefined;
}

/** Without the last line when it has no end: a process died over it, and had not acknowledged it. */
export function readLines(path: string, see: (text: string, offset: number, bytes: number) => void): void {
  const content = readFileSync(path);
  let offset = 0;
  for (let end = content.indexOf(NEWLINE); end !== -1; end = content.indexOf(NEWLINE, offset)) {
    const bytes = end + 1 - offset;
    const text = textOfLine(content.subarray(offset, end + 1));
    if (text === undefined)
      throw new DamagedLogError(`${path} has bytes at ${offset} to ${end} that were not written so`);
    see(text, offset, bytes);
    offset = end + 1;
  }
}

/** Digit by digit: as a number with a radix it takes several times as long. */
function writePrefix(bytes: Buffer, start: number, crc: number): void {
  for (let digit = 0; digit < PREFIX_BYTES - 1; digit++) {
    bytes[start + digit] = HEX_DIGITS.charCodeAt((crc >>> (28 - 4 * digit)) & 0xf);
  }
  bytes[start + PREFIX_BYTES - 1] = SPACE;
}
