import { codeOf } from '../user-error.ts';

/** Disk, quota of the user, limit of a file. */
const NO_ROOM = ['ENOSPC', 'EDQUOT', 'EFBIG'];

export function isForLackOfRoom(error: unknown): boolean {
  return NO_ROOM.includes(codeOf(error) ?? '');
}

/** For whoever asked: what they can do about it, if anything. Paths and stacks are nobody's business but ours. */
export function describeFailure(error: unknown): string {
  const code = codeOf(error);
  if (!isForLackOfRoom(error)) return 'The local cloud failed to handle this request.';
  return `The disk of the local cloud is full (${code}): make room, and ask again.`;
}
