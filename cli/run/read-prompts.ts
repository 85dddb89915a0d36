import { readFileSync } from 'node:fs';
import { UserError } from '../../local/user-error.ts';

/** `-` is standard input. Bytes that are not UTF-8 are a fault, never a question mark in a prompt. */
export const readPrompts = (path: string): string => {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path === '-' ? process.stdin.fd : path);
  } catch (error) {
    throw new UserError(`${path} cannot be read: ${(error as Error).message}.`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UserError(`${path} is not UTF-8; convert it first, such as with iconv -t utf-8.`);
  }
};
