import { groupBy } from '../../core/group-by.ts';
import { isOfCanceledBatch } from './cancel-members.ts';
import type { Staged } from './held-requests.ts';
import type { Session } from './session.ts';

const runningMembers = ({ calls, held }: Session): readonly Staged[] =>
  [...calls.keys()].flatMap((id) => {
    const staged = held.get(id);
    return staged?.held.batch === undefined ? [] : [staged];
  });

/**
 * Gives up the calls of batches that were canceled, unless they are answered first. To be called with each heartbeat:
 * one read for a batch, however many of its requests run.
 */
export const stopCanceledBatches = async (session: Session): Promise<void> => {
  const batches = groupBy(runningMembers(session), ({ held }) => held.batch?.id ?? '');
  await Promise.all(
    [...batches.values()].map(async (members) => {
      const [first] = members;
      if (first === undefined || !(await isOfCanceledBatch(session, first.held))) return;
      for (const { id } of members) session.calls.get(id)?.abort();
    }),
  );
};
