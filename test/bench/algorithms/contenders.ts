import { bullMq } from './bull-mq.ts';
import type { Contender } from './contender.ts';
import { evenSpacing } from './even-spacing.ts';
import { fixedWindow } from './fixed-window.ts';
import { bottleneckByMaxTokens, bottleneckByMean, pQueue } from './limiters.ts';
import { mappingOf10, mappingOf50, mappingOf100 } from './queue-mapping.ts';
import { sdkAdaptive, sdkAdaptiveOf20, sdkStandard } from './sdk.ts';
import { smoother } from './smoother.ts';

export const CONTENDERS: readonly Contender[] = [
  smoother,
  sdkStandard,
  sdkAdaptive,
  sdkAdaptiveOf20,
  bottleneckByMean,
  bottleneckByMaxTokens,
  pQueue,
  bullMq,
  mappingOf10,
  mappingOf50,
  mappingOf100,
  fixedWindow,
  evenSpacing,
];
