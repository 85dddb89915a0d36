import { parkedInputKey } from '../../contract/keys.ts';
import type { HeldRequest } from '../../contract/messages.ts';
import type { Destination } from '../../core/choose-queue.ts';
import { groupBy } from '../../core/group-by.ts';
import { isParked, toLaneBody } from '../../core/lane-message.ts';
import { traceOf } from '../../core/trace.ts';
import type { OutgoingMessage } from '../../ports/queues.ts';
import type { AcceptDeps } from './accept-deps.ts';

type LaneDeps = Pick<AcceptDeps, 'queues' | 'objects' | 'telemetry'>;

/** A request that is to wait, and where. */
export interface Waiting {
  readonly held: HeldRequest;
  readonly destination: Destination;
}

interface Addressed {
  readonly waiting: Waiting;
  readonly message: OutgoingMessage;
}

const address = async (waiting: Waiting, deps: LaneDeps): Promise<Addressed | undefined> => {
  const { held, destination } = waiting;
  try {
    const body = toLaneBody(held);
    // The text of what was reopened lies there already.
    if (isParked(body) && held.text_id === undefined)
      await deps.objects.put(
        parkedInputKey(held.pool, held.request_id),
        Buffer.from(JSON.stringify(held)),
        'application/json',
      );
    const { delaySeconds } = destination;
    const message = { body, groupId: held.tenant, ...(delaySeconds === undefined ? {} : { delaySeconds }) };
    return { waiting, message };
  } catch (error) {
    deps.telemetry.log('error', 'input_not_parked', { ...traceOf(held), error: String(error) });
    return undefined;
  }
};

/** A queue that can not be asked at all has taken nothing. */
const sendAll = async (
  { queues, telemetry }: LaneDeps,
  queue: string,
  messages: readonly OutgoingMessage[],
): Promise<ReadonlySet<number>> => {
  try {
    return await queues.send(queue, messages);
  } catch (error) {
    telemetry.log('error', 'queue_not_reached', { queue, error: String(error) });
    return new Set(messages.keys());
  }
};

const sendLane = async (
  queue: string,
  addressed: readonly Addressed[],
  deps: LaneDeps,
): Promise<readonly Waiting[]> => {
  const failed = await sendAll(
    deps,
    queue,
    addressed.map(({ message }) => message),
  );
  for (const [index, { waiting }] of addressed.entries())
    if (failed.has(index))
      deps.telemetry.log('error', 'lane_not_reached', { ...traceOf(waiting.held), queue });
  return addressed.filter((_, index) => !failed.has(index)).map(({ waiting }) => waiting);
};

/** Sends requests to where they wait; answers with those that got there. */
export const sendToLanes = async (
  requests: readonly Waiting[],
  deps: LaneDeps,
): Promise<ReadonlySet<Waiting>> => {
  const addressed = await Promise.all(requests.map((waiting) => address(waiting, deps)));
  const lanes = groupBy(
    addressed.filter((one) => one !== undefined),
    ({ waiting }) => waiting.destination.queue,
  );
  const sent = await Promise.all([...lanes].map(([queue, group]) => sendLane(queue, group, deps)));
  return new Set(sent.flat());
};
