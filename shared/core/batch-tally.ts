import { type BatchTally, type EndCounts, type EndedMember, TALLY_MEMBERS } from '../contract/batch-item.ts';
import type { Usage } from '../contract/request.ts';
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

/** The tally with those of the members that it had not counted yet; itself when there are none. */
export const countMembers = (tally: BatchTally, members: readonly EndedMember[]): BatchTally => {
  const counted = Uint8Array.from(tally.counted);
  let next = tally;
  for (const member of members) {
    const place = member.batch.index % TALLY_MEMBERS;
    const byte = counted[place >> 3];
    const bit = 1 << (place & 7);
    // A place beyond the bitmap belongs to no member of this batch.
    if (byte === undefined || (byte & bit) !== 0) continue;
    counted[place >> 3] = byte | bit;
    next = addMember(next, member);
  }
  return next === tally ? tally : { ...next, counted };
};

/** The sums of a whole batch. */
export const sumTallies = (tallies: readonly BatchTally[]): Omit<BatchTally, 'counted'> =>
  tallies.reduce<Omit<BatchTally, 'counted'>>(
    (sum, tally) => ({
      ended: addEnds(sum.ended, tally.ended),
      usage: addUsage(sum.usage, tally.usage),
      costUsd: toNanoDollars(sum.costUsd + tally.costUsd),
      unpriced: sum.unpriced + tally.unpriced,
    }),
    emptyTally(0),
  );
