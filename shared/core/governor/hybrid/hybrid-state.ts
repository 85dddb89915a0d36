import { z } from 'zod';
import type { SavedGate } from './gate.ts';
import type { SavedLadder } from './ladder.ts';
import type { SavedLearning } from './learning.ts';
import type { SavedMultiplier } from './multiplier.ts';
import type { SavedMirror } from './quota-mirror.ts';

/** What a successor begins with. */
export interface HybridState {
  readonly mirrors: Readonly<Record<string, SavedMirror>>;
  readonly gate: SavedGate;
  readonly learning: SavedLearning;
  readonly faultShare: number;
  readonly sendsPerSecond: number;
}

const pair = z.tuple([z.number(), z.number()]);

const ladder: z.ZodType<SavedLadder> = z.object({
  levels: z.array(z.number()),
  believed: z.number().int().min(0),
  sure: z.boolean(),
  fails: z.array(z.number()),
  contradictedAtMs: z.number(),
});

const multiplier: z.ZodType<SavedMultiplier> = z.object({
  value: z.number().positive(),
  wall: z.number().positive(),
  afterCut: z.number().positive(),
  sinceCut: z.number(),
  cutAtMs: z.number(),
  cuts: z.number(),
});

const mirror: z.ZodType<SavedMirror> = z.object({
  ladder,
  multiplier,
  pacing: pair,
  floorRebuilt: z.number().nullable(),
  charge: pair,
  chargedPerSecond: z.number(),
});

const gate: z.ZodType<SavedGate> = z.object({
  pausedUntilMs: z.number(),
  pauseMs: z.number().positive(),
  reactedAtMs: z.number(),
  isHalfOpen: z.boolean(),
  probedAtMs: z.number().nullable(),
});

const learning: z.ZodType<SavedLearning> = z.object({
  ratio: pair,
  latency: pair,
  routes: z.array(z.tuple([z.string(), z.number(), z.number()])),
});

const hybridState: z.ZodType<HybridState> = z.object({
  mirrors: z.record(z.string(), mirror),
  gate,
  learning,
  faultShare: z.number(),
  sendsPerSecond: z.number(),
});

/** Nothing when another algorithm or an older version wrote it: then what it learned is learned anew. */
export const readHybridState = (state: unknown): HybridState | undefined => hybridState.safeParse(state).data;
