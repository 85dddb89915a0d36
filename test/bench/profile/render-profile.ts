import { renderTable } from '../../../cli/simulate/render-report.ts';
import type { Profile } from './start-profile.ts';

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
const ms = (value: number): string => value.toFixed(value < 10 ? 2 : 0);

/** What one request costs, part by part: of the CPU that was measured without a profile. */
export const renderProfile = (
  profile: Profile,
  { cpuMs, requests }: { readonly cpuMs: number; readonly requests: number },
): string => {
  const { loopDelayMs: delay } = profile;
  const rows = profile.parts.map(({ part, share, allocatedBytes }) => [
    part,
    ms(share * cpuMs),
    percent(share),
    (allocatedBytes / requests / 1024).toFixed(1),
  ]);
  const sum = profile.parts.reduce((total, { allocatedBytes }) => total + allocatedBytes, 0);
  return [
    renderTable([
      ['of each request', 'CPU ms', 'share', 'KB allocated'],
      ...rows,
      ['all', ms(cpuMs), '100 %', (sum / requests / 1024).toFixed(1)],
    ]),
    `main thread waiting ${percent(profile.waitingShare)}, event loop in use ${percent(profile.loopUse)}`,
    `a timer of 10 ms came after ${ms(delay.p50)} ms (p50), ${ms(delay.p99)} ms (p99), ${ms(delay.max)} ms at most`,
  ].join('\n');
};
