import type { Dimension, DimensionName } from './quota/dimension.ts';
import type { Supply } from './quota/supply.ts';
import { constantly, type Timeline } from './quota/timeline.ts';
import type { TimelinePoint } from './setting-rules.ts';
import type { ModelSettings, QuotaName } from './simulated-model.ts';

const daySeconds = 86_400;

/** In the order in which a refusal names them. */
const dimensionsOfQuotas: readonly (readonly [DimensionName, QuotaName])[] = [
  ['rpm', 'requestsPerMinute'],
  ['tpd', 'tokensPerDay'],
  ['tpm', 'tokensPerMinute'],
  ['itpm', 'inputTokensPerMinute'],
  ['otpm', 'outputTokensPerMinute'],
];

export function toDimensions(settings: ModelSettings): readonly Dimension[] {
  return dimensionsOfQuotas.flatMap(([name, quota]) => {
    const limit = settings[quota];
    return limit === undefined ? [] : [toDimension(name, limit, settings)];
  });
}

function toDimension(name: DimensionName, limit: number, settings: ModelSettings): Dimension {
  const { algorithm, burstSeconds, rejectCostsRpm } = settings;
  const refusalCost = name === 'rpm' && rejectCostsRpm ? 1 : 0;
  return name === 'tpd'
    ? { name, limit, periodSeconds: daySeconds, algorithm: 'bucket', burstSeconds: daySeconds, refusalCost }
    : { name, limit, periodSeconds: 60, algorithm, burstSeconds, refusalCost };
}

/** Timelines begin now. */
export function toSupply({ quotaTimeline, othersShare }: ModelSettings, nowMs: number): Supply {
  return {
    multiplier: toTimeline(quotaTimeline, 1, nowMs),
    othersShare:
      typeof othersShare === 'number' ? constantly(othersShare) : toTimeline(othersShare, 0, nowMs),
  };
}

function toTimeline(points: readonly TimelinePoint[], initial: number, nowMs: number): Timeline {
  const steps = points.map(({ afterSeconds, value }) => ({ atMs: nowMs + afterSeconds * 1000, value }));
  return { initial, steps };
}
