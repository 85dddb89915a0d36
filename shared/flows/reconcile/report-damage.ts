import { DAMAGES, type Damage } from '../../contract/damages.ts';
import type { LogFields, Telemetry } from '../../ports/telemetry.ts';

/** Counts what was set right, and says what it was. */
export const reportHealed = (telemetry: Telemetry, damage: Damage, fields: LogFields, count = 1): void => {
  telemetry.measure('DamageHealed', count, { damage });
  telemetry.log(DAMAGES[damage].isLoss ? 'error' : 'warn', 'damage_healed', { damage, ...fields });
};
