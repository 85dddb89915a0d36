import type { GovernorView } from '../governor/governor-view.ts';

/**
 * Where both requests and tokens a minute bind, small requests waste tokens and large ones waste requests: one lane
 * each, and the next comes from the lane whose quota has more to spare.
 */
export interface SizeLanes {
  /** Of one request, when both quotas are used up evenly. */
  readonly boundaryTokens: number;
  /** Nothing while a quota has plenty. */
  readonly prefer: (nowMs: number) => SizeLane | undefined;
}

export type SizeLane = 'small' | 'large';

/** A bucket this full has plenty. */
const PLENTY = 0.5;
/** Levels change slowly; looking at them for every request would be waste. */
const LOOK_EVERY_MS = 100;

const find = (view: GovernorView, name: string) =>
  view.dimensions.find((dimension) => dimension.name === name);

/** Which size the levels of a governor ask for. */
export const preferredLane = (view: GovernorView): SizeLane | undefined => {
  const tokens = find(view, 'tokens_per_minute');
  const requests = find(view, 'requests_per_minute');
  if (tokens === undefined || requests === undefined) return undefined;
  if (tokens.level > PLENTY * tokens.size || requests.level > PLENTY * requests.size) return undefined;
  return tokens.level / tokens.perSecond > requests.level / requests.perSecond ? 'large' : 'small';
};

/** Nothing where requests a minute are not limited. */
export const createSizeLanes = (
  describe: (nowMs: number) => GovernorView,
  startMs: number,
): SizeLanes | undefined => {
  const view = describe(startMs);
  const tokens = find(view, 'tokens_per_minute');
  const requests = find(view, 'requests_per_minute');
  if (tokens === undefined || requests === undefined) return undefined;
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let preferred: SizeLane | undefined;
  return {
    boundaryTokens: tokens.limit / requests.limit,
    prefer: (nowMs) => {
      if (nowMs - lookedAtMs >= LOOK_EVERY_MS) {
        lookedAtMs = nowMs;
        preferred = preferredLane(describe(nowMs));
      }
      return preferred;
    },
  };
};
