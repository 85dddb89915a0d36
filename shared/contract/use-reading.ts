import { z } from 'zod';

/** What others of the account used of a pool's model, as CloudWatch and the pool's own ledger tell it. */
export const useReadingSchema = z.object({
  /** Of another model it says nothing. */
  model_id: z.string(),
  /** The last look, whether or not it succeeded. */
  looked_at_ms: z.number().int(),
  /** Why the last look failed, for people. */
  fault: z.string().optional(),
  /** Quota tokens that were not ours, by stretches of five minutes, oldest first. */
  windows: z.array(z.object({ from_ms: z.number().int(), tokens: z.number().min(0) })),
});

export type UseReading = z.infer<typeof useReadingSchema>;
