import type { BatchItem } from '../../contract/batch-item.ts';
import { deriveRequestId } from '../../core/request-id.ts';
import { endUnheldMembers } from './end-unheld.ts';
import { bodyOf, inChunks } from './hold-members.ts';
import { type ReadMember, readMembers } from './read-lines.ts';
import type { IsTimeShort, SplitDeps } from './split-deps.ts';

/** What is due sooner is met by a drain about as soon. */
const DISTANT_MS = 60_000;
const BEGINNING = { offsetBytes: 0, line: 0, index: 0 };

const notBeforeMs = (member: ReadMember): number => {
  const text = (bodyOf(member) as { readonly not_before?: unknown } | null)?.not_before;
  return typeof text === 'string' ? Date.parse(text) : 0;
};

/** What has ended needs nothing more of this: its lane message is still to come, and repeats what a crash left out. */
const anyWaits = async (
  { batchId }: BatchItem,
  members: readonly ReadMember[],
  { requests }: SplitDeps,
): Promise<boolean> => {
  const items = await Promise.all(
    members.map(({ index }) => requests.read(deriveRequestId({ kind: 'member', batchId, index }))),
  );
  return items.some((item) => item?.status === 'queued');
};

/**
 * Ends those of a canceled batch that were held to wait for a time that is not near: a drain meets them when they are
 * looked at again, after a quarter of an hour, and SQS shows a hidden message to nobody. Which they are depends on the
 * batch alone, so that a repeat writes the same segments. False when there is no time for all.
 */
export const endDistantMembers = async (
  batch: BatchItem,
  isTimeShort: IsTimeShort,
  deps: SplitDeps,
): Promise<boolean> => {
  const { cancelInitiatedAtMs, cursor, input } = batch;
  if (cancelInitiatedAtMs === undefined || cursor.index === 0) return true;
  const isDistant = (member: ReadMember): boolean =>
    member.index < cursor.index && notBeforeMs(member) > cancelInitiatedAtMs + DISTANT_MS;
  for await (const chunk of inChunks(readMembers(input, BEGINNING, deps.objects), deps.chunkMembers)) {
    if (isTimeShort()) return false;
    const distant = chunk.filter(isDistant);
    if (distant.length === 0 || !(await anyWaits(batch, distant, deps))) continue;
    const unheld = distant.map((member) => ({
      batch,
      index: member.index,
      body: bodyOf(member),
      ending: { status: 'canceled' as const },
    }));
    await endUnheldMembers(unheld, deps, `-distant-${distant.length}`);
  }
  return true;
};
