/** Of one tenant in one pool; what is not given has no limit. */
export interface PaceLimits {
  readonly requests_per_minute?: number | undefined;
  readonly tokens_per_minute?: number | undefined;
  readonly max_concurrent?: number | undefined;
}

/** What was not used lately may be caught up with: so many seconds of it. */
const STORED_SECONDS = 10;
const MINUTE_MS = 60_000;

/** Filled at a rate; what is taken beyond its level is a debt, that has to be filled up before anything goes again. */
interface Bucket {
  readonly perMinute: number;
  readonly most: number;
  /** It may go from this level on. */
  readonly least: number;
  level: number;
  atMs: number;
}

/** A new owner knows nothing of what was used a moment ago: it begins with one call, not with what could be stored. */
const createBucket = (perMinute: number, least: number, nowMs: number): Bucket => ({
  perMinute,
  most: Math.max(least, (perMinute * STORED_SECONDS) / 60),
  least,
  level: least,
  atMs: nowMs,
});

const fill = (bucket: Bucket, nowMs: number): void => {
  const gained = (bucket.perMinute * Math.max(0, nowMs - bucket.atMs)) / MINUTE_MS;
  bucket.level = Math.min(bucket.most, bucket.level + gained);
  bucket.atMs = Math.max(bucket.atMs, nowMs);
};

const readyAtMs = ({ level, least, perMinute, atMs }: Bucket): number =>
  level >= least ? atMs : atMs + Math.ceil(((least - level) * MINUTE_MS) / perMinute);

/** How fast one tenant may go. Pure: time is passed in. */
export interface TenantPace {
  /** From when on another of its calls may begin; infinity while one has to end first. */
  mayGoAtMs(nowMs: number): number;
  began(tokens: number, nowMs: number): void;
  /** Of a call that had so many tokens counted against it; of one that never was, nothing counts. */
  ended(call: { readonly counted: number; readonly used: number }, nowMs: number): void;
  isAtRest(nowMs: number): boolean;
}

const isLimited = ({ requests_per_minute, tokens_per_minute, max_concurrent }: PaceLimits): boolean =>
  requests_per_minute !== undefined || tokens_per_minute !== undefined || max_concurrent !== undefined;

export const createTenantPace = (limits: PaceLimits, nowMs: number): TenantPace | undefined => {
  if (!isLimited(limits)) return undefined;
  const { requests_per_minute, tokens_per_minute, max_concurrent = Number.POSITIVE_INFINITY } = limits;
  const requests =
    requests_per_minute === undefined ? undefined : createBucket(requests_per_minute, 1, nowMs);
  // How much the next one takes is not known before it is picked: any that is left lets it go, as a debt.
  const tokens = tokens_per_minute === undefined ? undefined : createBucket(tokens_per_minute, 1, nowMs);
  const buckets = [requests, tokens].filter((bucket) => bucket !== undefined);
  let underWay = 0;
  const take = (bucket: Bucket | undefined, amount: number, atMs: number): void => {
    if (bucket === undefined) return;
    fill(bucket, atMs);
    bucket.level = Math.min(bucket.most, bucket.level - amount);
  };
  return {
    mayGoAtMs: (atMs) => {
      if (underWay >= max_concurrent) return Number.POSITIVE_INFINITY;
      for (const bucket of buckets) fill(bucket, atMs);
      return Math.max(atMs, ...buckets.map(readyAtMs));
    },
    began: (counted, atMs) => {
      underWay += 1;
      take(requests, 1, atMs);
      take(tokens, counted, atMs);
    },
    ended: ({ counted, used }, atMs) => {
      underWay -= 1;
      if (used === 0) take(requests, -1, atMs);
      take(tokens, used - counted, atMs);
    },
    isAtRest: (atMs) => {
      for (const bucket of buckets) fill(bucket, atMs);
      return underWay === 0 && buckets.every(({ level, most }) => level === most);
    },
  };
};
