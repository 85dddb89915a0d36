import { createLiveModel, type LiveModel } from './live-model.ts';
import { type SimulatedModel, toModelSettings } from './simulated-model.ts';

export interface ModelRegistry {
  readonly all: readonly LiveModel[];
  /**
   * By id, or by the ARN of the foundation model or inference profile with that id. One that is named `id@region` is
   * what calls to that region find in its place.
   */
  readonly find: (idOrArn: string, region?: string) => LiveModel | undefined;
}

export function createModelRegistry(
  models: Readonly<Record<string, SimulatedModel>>,
  nowMs: number,
): ModelRegistry {
  const all = Object.entries(models).map(([id, model]) =>
    createLiveModel(id, toModelSettings(id, model), nowMs),
  );
  const byId = new Map(all.map((model) => [model.id, model]));
  const inRegion = (id: string, region: string | undefined): LiveModel | undefined =>
    byId.get(`${id}@${region}`) ?? byId.get(id);
  return {
    all,
    find: (idOrArn, region) => inRegion(idOrArn, region) ?? inRegion(idInArn(idOrArn), region),
  };
}

function idInArn(arn: string): string {
  return /^arn:aws[a-z-]*:bedrock:[^/]*:(?:foundation-model|inference-profile)\/(.+)$/.exec(arn)?.[1] ?? '';
}
