import type { EndedMember } from '../../contract/batch-item.ts';
import type { RequestItem } from '../../contract/request-item.ts';
import { isTerminal } from '../../contract/statuses.ts';
import { type CountDeps, countEndedMembers } from '../batches/count-members.ts';
import type { SettleDeps } from './settle-deps.ts';
import type { Settling } from './settling.ts';

const toMember = ({ finished, result }: Settling): EndedMember | undefined => {
  const { batch } = finished.staged.held;
  return batch === undefined || !isTerminal(result.status)
    ? undefined
    : {
        batch,
        generation: finished.staged.held.generation,
        status: result.status,
        usage: result.usage,
        costUsd: result.cost_usd,
      };
};

/** Counts those that ended as members of batches; what can not be counted now stays uncounted. */
export const countBatchMembers = async (settled: readonly Settling[], deps: SettleDeps): Promise<void> => {
  const members = new Map<EndedMember, Settling>();
  for (const settling of settled) {
    const member = settling.isCounted ? undefined : toMember(settling);
    if (member !== undefined) members.set(member, settling);
  }
  const uncounted = await countEndedMembers([...members.keys()], deps);
  for (const [member, settling] of members) settling.isCounted = !uncounted.has(member);
};

/** Counts a request that has ended once more: whoever ended it may have died before it did. Whether it is counted. */
export const countAgain = async (item: RequestItem, deps: CountDeps): Promise<boolean> => {
  if (item.batch === undefined || !isTerminal(item.status)) return true;
  const member: EndedMember = {
    batch: item.batch,
    generation: item.generation,
    status: item.status,
    usage: item.usage ?? null,
    costUsd: item.costUsd ?? null,
  };
  return (await countEndedMembers([member], deps)).size === 0;
};
