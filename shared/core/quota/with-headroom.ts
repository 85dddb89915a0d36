import {
  type Headroom,
  type HeadroomSetting,
  MEASURED,
  MOST_HEADROOM,
  QUOTA_LIMIT_NAMES,
  type Quota,
  type QuotaLimitName,
} from '../../contract/quota-settings.ts';

/** Counted in tokens of input and output, or of input alone: what others use of one of these is given in. */
const OF_OTHERS: readonly QuotaLimitName[] = ['tokens_per_minute', 'input_tokens_per_minute'];

/** What a measured headroom is now: never so much that nothing is left, and nothing while nobody has measured. */
export const headroomNow = (
  setting: HeadroomSetting,
  granted: Quota,
  othersPerMinute: number | undefined,
): Headroom => {
  if (setting !== MEASURED) return setting;
  if (othersPerMinute === undefined || othersPerMinute === 0) return 0;
  const least = Math.min(...OF_OTHERS.map((name) => granted[name] ?? Number.POSITIVE_INFINITY));
  return { tokens_per_minute: Math.min(othersPerMinute, Math.floor(MOST_HEADROOM * least)) };
};

const leave = (name: QuotaLimitName, granted: number, headroom: Headroom): number => {
  if (typeof headroom === 'number') return granted * (1 - headroom);
  return OF_OTHERS.includes(name) ? granted - headroom.tokens_per_minute : granted;
};

/** The limits that a headroom in tokens takes as a whole. */
export const takenWhole = (quota: Quota, headroom: Headroom): readonly QuotaLimitName[] =>
  typeof headroom === 'number'
    ? []
    : OF_OTHERS.filter((name) => (quota[name] ?? Number.POSITIVE_INFINITY) <= headroom.tokens_per_minute);

/** Why nearly nothing can be used of a quota; nothing where something is left. */
export const headroomWarning = (quota: Quota, headroom: Headroom): string | undefined => {
  const taken = takenWhole(quota, headroom);
  if (typeof headroom === 'number' || taken.length === 0) return undefined;
  const granted = taken.map((name) => `${name} (${quota[name]})`).join(', ');
  return `\`headroom\` (${headroom.tokens_per_minute} tokens a minute) takes all that is granted of ${granted}: one token a minute is used. Lower the headroom, or have the quota raised.`;
};

/** What is left of a quota when others of the account have had their part; never nothing. */
export const withHeadroom = (quota: Quota, headroom: Headroom): Quota =>
  Object.fromEntries(
    QUOTA_LIMIT_NAMES.flatMap((name) => {
      const granted = quota[name];
      return granted === undefined
        ? []
        : [[name, Math.max(1, Math.floor(leave(name, granted, headroom) + 1e-9))]];
    }),
  );
