import { type BatchTally, TALLY_MEMBERS } from '../../contract/batch-item.ts';
import { membersOf } from '../batch-tally.ts';

const isCounted = (tally: BatchTally | undefined, place: number): boolean =>
  ((tally?.counted[place >> 3] ?? 0) & (1 << (place & 7))) !== 0;

/** Indexes of the members of one stretch of a batch that are not counted as ended, in their order. */
export const uncountedIn = (
  tally: BatchTally | undefined,
  stretch: { readonly tally: number; readonly total: number },
): readonly number[] =>
  Array.from({ length: membersOf(stretch.tally, stretch.total) }, (_, place) => place)
    .filter((place) => !isCounted(tally, place))
    .map((place) => stretch.tally * TALLY_MEMBERS + place);
