import { hiddenSeconds } from '../../../shared/core/scheduler/hidden-seconds.ts';

const EARLIEST = () => 0;
const LATEST = () => 0.999999;

describe('how long a message is hidden whose tenant has its places', () => {
  it.each<[string, number, number | undefined, () => number, number]>([
    ['until 75 % of the time to its turn at the earliest', 700, 5, EARLIEST, 105],
    ['until 90 % of it at the latest', 700, 5, LATEST, 126],
    ['for a quarter of a minute at least', 3, 5, LATEST, 15],
    ['as long while nobody knows how turns come', 10_000, undefined, LATEST, 15],
    ['for ten minutes at most', 20_000, 1, EARLIEST, 600],
    ['for ten minutes where turns have ceased', 20_000, 0, EARLIEST, 600],
    ['no longer than the least when it is the next', 0, 0, LATEST, 15],
  ])('%s', (_, before, perSecond, random, seconds) => {
    expect(hiddenSeconds({ before, perSecond }, random)).toBe(seconds);
  });
});
