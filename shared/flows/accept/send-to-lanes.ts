import { parkedInputKey } from '../../contract/keys.ts';
import { laneQueue } from '../../contract/names.ts';
import { groupBy } from '../../core/group-by.ts';
import type { NewRequest } from '../../core/hold-request.ts';
import { isParked, toLaneBody } from '../../core/lane-message.ts';
import type { Objects } from '../../ports/objects.ts';
import type { Queues } from '../../ports/queues.ts';
import type { Telemetry } from '../../ports/telemetry.ts';

interface LaneDeps {
  readonly queues: Queues;
  readonly objects: Objects;
  readonly telemetry: Telemetry;
}

const toBody = async ({ held }: NewRequest, objects: Objects): Promise<string> => {
  const body = toLaneBody(held);
  if (isParked(body))
    await objects.put(
      parkedInputKey(held.pool, held.request_id),
      Buffer.from(JSON.stringify(held)),
      'application/json',
    );
  return body;
};

const sendLane = async (
  queue: string,
  requests: readonly NewRequest[],
  deps: LaneDeps,
): Promise<readonly NewRequest[]> => {
  try {
    const messages = await Promise.all(
      requests.map(async (request) => ({
        body: await toBody(request, deps.objects),
        groupId: request.held.tenant,
      })),
    );
    const failed = await deps.queues.send(queue, messages);
    return requests.filter((_, index) => failed.has(index));
  } catch (error) {
    deps.telemetry.log('error', 'lane_not_reached', {
      queue,
      requests: requests.length,
      error: String(error),
    });
    return requests;
  }
};

/** Sends requests to their lanes; answers with those that did not get there. */
export const sendToLanes = async (
  requests: readonly NewRequest[],
  deps: LaneDeps,
): Promise<ReadonlySet<NewRequest>> => {
  const lanes = groupBy(requests, ({ held }) =>
    laneQueue({ pool: held.pool, priority: held.priority, band: 'express' }),
  );
  const unsent = await Promise.all([...lanes].map(([queue, group]) => sendLane(queue, group, deps)));
  return new Set(unsent.flat());
};
