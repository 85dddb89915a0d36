import type { RedriveAnswer } from '../../../shared/contract/redrive.ts';
import { createRedrive } from '../../../shared/flows/dead-letters/redrive.ts';
import type { Around } from '../../fakes/interpose.ts';
import { faultOf } from '../../fakes/scripted-model.ts';
import { acceptDepsOf, createWorld, type World, type WorldOptions } from '../../fakes/world.ts';
import { drain } from '../drain/drains.ts';
import { acceptPrompts } from '../submissions.ts';

/** Whether the model is well again. */
export interface Patient {
  readonly world: World;
  isWell: boolean;
}

/** A world whose model refuses access until it is well. */
export const createPatient = (options: WorldOptions = {}): Patient => {
  const patient: { world: World; isWell: boolean } = {
    isWell: false,
    world: createWorld({
      ...options,
      model: {
        script: () => (patient.isWell ? undefined : faultOf('AccessDeniedException', 403)),
        ...options.model,
      },
    }),
  };
  return patient;
};

/** Requests that were accepted, and died. */
export const killPrompts = async (
  { world }: Patient,
  prompts: readonly string[],
  fields: Readonly<Record<string, unknown>> = {},
): Promise<readonly string[]> => {
  const ids = await acceptPrompts(world, prompts, fields);
  await drain(world);
  return ids;
};

export const redrive = async (
  world: World,
  order: Readonly<Record<string, unknown>> = {},
  around?: Around,
): Promise<RedriveAnswer> => {
  const outcome = await world.clock.run(
    createRedrive(acceptDepsOf(world, around))({ why: 'it is mended', ...order }, 'anybody'),
  );
  if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome.faults));
  return outcome.answer;
};
