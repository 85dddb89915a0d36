import type { Pool } from '../../contract/pools.ts';
import { MEASURED } from '../../contract/quota-settings.ts';
import type { UseReading } from '../../contract/use-reading.ts';
import { isLookDue, spanToRead, withoutUse, withUse } from '../../core/quota/others-use.ts';
import type { AccountUse, OwnUse, UseReadings } from '../../ports/account-use.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Telemetry } from '../../ports/telemetry.ts';

export interface UseDeps {
  readonly accountUse: AccountUse;
  readonly useReadings: UseReadings;
  readonly ownUse: OwnUse;
  readonly telemetry: Telemetry;
  readonly clock: Pick<Clock, 'nowMs'>;
}

const PATIENCE_MS = 4_000;

const look = async (
  name: string,
  { model_id: modelId, burndown }: Pool,
  before: UseReading | undefined,
  { accountUse, ownUse, telemetry, clock }: UseDeps,
): Promise<UseReading | undefined> => {
  const nowMs = clock.nowMs();
  const span = spanToRead(before, modelId, nowMs);
  if (span === undefined) return undefined;
  try {
    const [ofAll, ofOurs] = await Promise.all([
      accountUse.ofModel(modelId, span, PATIENCE_MS),
      ownUse.ofPool(name, span),
    ]);
    return withUse(before, { modelId, burndown, nowMs, span, ofAll, ofOurs });
  } catch (error) {
    telemetry.log('warn', 'use_of_others_not_read', { pool: name, error: String(error) });
    return withoutUse(before, { modelId, nowMs, fault: String(error) });
  }
};

/** As somebody measured it last; that it cannot be read keeps nothing from running. */
export const lastUseIfAny = async (
  name: string,
  { headroom }: Pool,
  { useReadings, telemetry }: UseDeps,
): Promise<UseReading | undefined> => {
  if (headroom !== MEASURED) return undefined;
  try {
    return await useReadings.read(name);
  } catch (error) {
    telemetry.log('warn', 'use_of_others_not_read', { pool: name, error: String(error) });
    return undefined;
  }
};

/** What others use of a pool's model: looked at when it is time to, and otherwise as it was. */
export const readOthersUse = async (
  name: string,
  pool: Pool,
  before: UseReading | undefined,
  deps: UseDeps,
): Promise<UseReading | undefined> => {
  if (!isLookDue(before, pool.model_id, deps.clock.nowMs())) return before;
  const reading = await look(name, pool, before, deps);
  if (reading === undefined) return before;
  await deps.useReadings.write(name, reading);
  return reading;
};
