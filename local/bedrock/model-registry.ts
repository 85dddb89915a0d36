import { createLiveModel, type LiveModel } from './live-model.ts';
import { type SimulatedModel, toModelSettings } from './simulated-model.ts';

export interface ModelRegistry {
  readonly all: readonly LiveModel[];
  /** By id, or by the ARN of the foundation model or inference profile with that id. */
  readonly find: (idOrArn: string) => LiveModel | undefined;
}

export function createModelRegistry(
  models: Readonly<Record<string, SimulatedModel>>,
  nowMs: number,
): ModelRegistry {
  const all = Object.entries(models).map(([id, model]) =>
    createLiveModel(id, toModelSettings(id, model), nowMs),
  );
  const byId = new Map(all.map((model) => [model.id, model]));
  return { all, find: (idOrArn) => byId.get(idOrArn) ?? byId.get(idInArn(idOrArn)) };
}

function idInArn(arn: string): string {
  return /^arn:aws[a-z-]*:bedrock:[^/]*:(?:foundation-model|inference-profile)\/(.+)$/.exec(arn)?.[1] ?? '';
}
