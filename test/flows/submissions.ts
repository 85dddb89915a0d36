import type { HeldRequest } from '../../shared/contract/messages.ts';
import type { RequestItem } from '../../shared/contract/request-item.ts';
import { decodeLaneMessage } from '../../shared/core/lane-message.ts';
import { createAcceptRequests } from '../../shared/flows/accept/accept-requests.ts';
import type { Acceptance, Submission } from '../../shared/flows/accept/submission.ts';
import type { Around } from '../fakes/interpose.ts';
import { acceptDepsOf, type World } from '../fakes/world.ts';

export const HIGH_LANE = 'hold-haiku-high-express';
export const NORMAL_LANE = 'hold-haiku-normal-express';
export const LOW_LANE = 'hold-haiku-low-express';
/** Where the overflow of the tenant `default` waits. */
export const BULK_LANE = 'hold-haiku-normal-bulk-1';

export const overHttp = (
  body: Readonly<Record<string, unknown>>,
  fields: Partial<Submission> = {},
): Submission => ({
  body,
  door: 'http',
  provenTenant: 'default',
  ...fields,
});

export const fromQueue = (messageId: string, body: Readonly<Record<string, unknown>>): Submission => ({
  body,
  door: 'queue',
  messageId,
});

export const accept = (
  world: World,
  submissions: readonly Submission[],
  around?: Around,
): Promise<readonly Acceptance[]> => createAcceptRequests(acceptDepsOf(world, around))(submissions);

/** The item of a submission that was accepted. */
export const acceptedItem = async (
  world: World,
  submission: Submission,
  around?: Around,
): Promise<RequestItem> => {
  const [acceptance] = await accept(world, [submission], around);
  if (acceptance?.kind !== 'accepted') throw new Error(`It was ${acceptance?.kind}.`);
  return acceptance.item;
};

/** Accepts one request for each prompt; answers with their ids. */
export const acceptPrompts = async (
  world: World,
  prompts: readonly string[],
  fields: Readonly<Record<string, unknown>> = {},
): Promise<readonly string[]> => {
  const acceptances = await accept(
    world,
    prompts.map((prompt) => overHttp({ prompt, max_tokens: 100, ...fields })),
  );
  return acceptances.map((acceptance) =>
    acceptance.kind === 'accepted' ? acceptance.item.requestId : `was ${acceptance.kind}`,
  );
};

/** The requests that wait in a lane. */
export const heldIn = (world: World, lane: string): readonly HeldRequest[] =>
  world.queues.bodies(lane).flatMap((body) => {
    const decoded = decodeLaneMessage(body);
    return decoded.kind === 'whole' ? [decoded.held] : [];
  });
