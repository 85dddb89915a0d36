import { flatFault, growthOf, middleValueOf } from '../flat.ts';
import { GROWING_MEASURES, type GrowingMeasure, type RoleSamples, seriesOf } from './read-samples.ts';

export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

const SAMPLES_A_MINUTE = 6;
/** A busy machine has no time for some of them. */
const FEWEST_SHARE = 0.5;

/** By which each process may grow within a window: 4 MB of heap are 33 bytes for each of 120,000 requests. */
const MOST_GROWTH = { heap_mb: 4, external_mb: 4, anonymous_mb: 60 } as const satisfies Record<
  GrowingMeasure,
  number
>;

/** Under load there are as many as calls in flight; what is left at rest is kept open, or has leaked. */
const MOST_HANDLES_AT_REST = 200;

/**
 * What stands in for AWS holds more, and not without end: the cloud what waits in its queues, the simulator the record of
 * its last 100,000 calls, 200 bytes each, and of its last hour.
 */
const MOST_HEAP_MB: Readonly<Record<string, number>> = { cloud: 8, simulator: 25 };

const mostGrowthOf = (role: string, measure: GrowingMeasure): number =>
  (measure === 'heap_mb' ? MOST_HEAP_MB[role] : undefined) ?? MOST_GROWTH[measure];

const fewestSamples = ({ fromMs, toMs }: Window): number =>
  Math.floor(((toMs - fromMs) / 60_000) * SAMPLES_A_MINUTE * FEWEST_SHARE);

export const growthFaults = (samples: RoleSamples, window: Window): readonly string[] =>
  Object.entries(samples).flatMap(([role, lines]) =>
    GROWING_MEASURES.flatMap((measure) => {
      const flatness = { what: `${measure} of ${role}`, samples: seriesOf(lines, measure, window) };
      const limits = { mostGrowth: mostGrowthOf(role, measure), fewestSamples: fewestSamples(window) };
      return flatFault({ ...flatness, ...limits }) ?? [];
    }),
  );

/** Of the last look, which is to be at rest. */
export const handleFaults = (samples: RoleSamples): readonly string[] =>
  Object.entries(samples).flatMap(([role, lines]) => {
    const handles = lines.at(-1)?.handles ?? 0;
    return handles <= MOST_HANDLES_AT_REST
      ? []
      : [`${role} has ${handles} handles at rest, at most ${MOST_HANDLES_AT_REST} are allowed.`];
  });

/** The middle and the growth of each process' heap, memory and handles. */
export const growthFigures = (samples: RoleSamples, window: Window): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(samples).flatMap(([role, lines]) =>
      (['heap_mb', 'anonymous_mb', 'handles'] as const).map((measure) => {
        const series = seriesOf(lines, measure, window);
        const growth = growthOf(series);
        const shown = `${middleValueOf(series).toFixed(1)} ${growth < 0 ? '' : '+'}${growth.toFixed(1)}`;
        return [`${role} ${measure}`, shown] as const;
      }),
    ),
  );
