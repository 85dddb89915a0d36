import { type Finding, failed, ok, warning } from './finding.ts';

const CHECK = 'clock';

/** AWS takes signatures that are five minutes old or early at most. */
const REFUSED_FROM_S = 300;
const NOTED_FROM_S = 30;

const REMEDY = 'Set the clock of this machine, such as by NTP (`timedatectl set-ntp true`).';

/** Our clock beside that of whoever answered, which tells whole seconds. */
export const judgeClock = (date: string | null, nowMs: number): Finding | undefined => {
  const theirsMs = Date.parse(date ?? '');
  if (Number.isNaN(theirsMs)) return undefined;
  const aheadS = Math.round((nowMs - theirsMs) / 1000);
  const told = `${Math.abs(aheadS)} s ${aheadS < 0 ? 'behind' : 'ahead of'} the service`;
  if (Math.abs(aheadS) >= REFUSED_FROM_S)
    return failed(CHECK, `${told}: AWS refuses signatures from 300 s on.`, REMEDY);
  if (Math.abs(aheadS) >= NOTED_FROM_S) return warning(CHECK, told, REMEDY);
  return ok(CHECK, 'as that of the service');
};
