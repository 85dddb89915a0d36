import { type BatchTally, type EndCounts, type EndedMember, TALLY_MEMBERS } from '../contract/batch-item.ts';
import type { Usage } from '../contract/request.ts';
import { generationOf } from '../contract/request-item.ts';
import { toNanoDollars } from './cost.ts';

const NO_ENDS: EndCounts = { succeeded: 0, failed: 0, canceled: 0, expired: 0 };

const NO_USAGE: Usage = { input_tokens: 0, output_tokens: 0, cache_read_tokens: 0, cache_write_tokens: 0 };

/** Number of the tally that counts a member. */
export const tallyOf = (index: number): number => Math.floor(index / TALLY_MEMBERS);

export const tallyCount = (total: number): number => Math.ceil(total / TALLY_MEMBERS);

/** Members that a tally of a batch counts: the last one has what is left. */
export const membersOf = (tally: number, total: number): number =>
  Math.max(0, Math.min(TALLY_MEMBERS, total - tally * TALLY_MEMBERS));

export const emptyTally = (members: number): BatchTally => ({
  counted: new Uint8Array(Math.ceil(members / 8)),
  ended: NO_ENDS,
  usage: NO_USAGE,
  costUsd: 0,
  unpriced: 0,
});

export const endedIn = ({ ended }: Pick<BatchTally, 'ended'>): number =>
  ended.succeeded + ended.failed + ended.canceled + ended.expired;

const addUsage = (a: Usage, b: Usage): Usage => ({
  input_tokens: a.input_tokens + b.input_tokens,
  output_tokens: a.output_tokens + b.output_tokens,
  cache_read_tokens: a.cache_read_tokens + b.cache_read_tokens,
  cache_write_tokens: a.cache_write_tokens + b.cache_write_tokens,
});

const addEnds = (a: EndCounts, b: EndCounts): EndCounts => ({
  succeeded: a.succeeded + b.succeeded,
  failed: a.failed + b.failed,
  canceled: a.canceled + b.canceled,
  expired: a.expired + b.expired,
});

const addMember = (tally: BatchTally, member: EndedMember): BatchTally => ({
  counted: tally.counted,
  ended: { ...tally.ended, [member.status]: tally.ended[member.status] + 1 },
  usage: member.usage === null ? tally.usage : addUsage(tally.usage, member.usage),
  costUsd: toNanoDollars(tally.costUsd + (member.costUsd ?? 0)),
  unpriced: tally.unpriced + (member.usage !== null && member.costUsd === null ? 1 : 0),
});

const withoutFailed = (tally: BatchTally): BatchTally => ({
  ...tally,
  ended: { ...tally.ended, failed: tally.ended.failed - 1 },
});

/** What a tally knows of its members, to be written to. */
interface Marks {
  readonly counted: Uint8Array;
  generations: Uint8Array | undefined;
}

/** Whether this end, or a later one, is in the sums already. Marks it as being there. */
const mark = (marks: Marks, place: number, generation: number): 'known' | 'first' | 'again' => {
  const byte = marks.counted[place >> 3];
  const bit = 1 << (place & 7);
  // A place beyond the bitmap belongs to no member of this batch.
  if (byte === undefined) return 'known';
  const isCounted = (byte & bit) !== 0;
  if (isCounted && (marks.generations?.[place] ?? 0) >= generation) return 'known';
  marks.counted[place >> 3] = byte | bit;
  if (generation > 0) {
    marks.generations ??= new Uint8Array(marks.counted.length * 8);
    marks.generations[place] = generation;
  }
  return isCounted ? 'again' : 'first';
};

/**
 * The tally with those of the members that it had not counted yet; itself when there are none. Only what failed is
 * reopened: its new end takes the place of that one.
 */
export const countMembers = (tally: BatchTally, members: readonly EndedMember[]): BatchTally => {
  const marks: Marks = {
    counted: Uint8Array.from(tally.counted),
    generations: tally.generations === undefined ? undefined : Uint8Array.from(tally.generations),
  };
  let next = tally;
  for (const member of members) {
    const marked = mark(marks, member.batch.index % TALLY_MEMBERS, generationOf(member));
    if (marked === 'known') continue;
    next = addMember(marked === 'again' ? withoutFailed(next) : next, member);
  }
  if (next === tally) return tally;
  const { generations } = marks;
  return { ...next, counted: marks.counted, ...(generations === undefined ? {} : { generations }) };
};

/** The sums of a whole batch. */
export const sumTallies = (tallies: readonly BatchTally[]): Omit<BatchTally, 'counted' | 'generations'> =>
  tallies.reduce<Omit<BatchTally, 'counted' | 'generations'>>(
    (sum, tally) => ({
      ended: addEnds(sum.ended, tally.ended),
      usage: addUsage(sum.usage, tally.usage),
      costUsd: toNanoDollars(sum.costUsd + tally.costUsd),
      unpriced: sum.unpriced + tally.unpriced,
    }),
    emptyTally(0),
  );
