import type { Construct, IConstruct } from 'constructs';
import { inEnvironment } from '../shared/contract/resources.ts';

const CONTEXT = 'smoother:environment';

/** Says of which deployment all that is below is a part; before anything is below. */
export const setEnvironment = (scope: IConstruct, environment: string | undefined): void => {
  if (environment !== undefined) scope.node.setContext(CONTEXT, environment);
};

/** The name in AWS of what is called so within its deployment. */
export const nameIn = (scope: Construct, name: string): string =>
  inEnvironment(scope.node.tryGetContext(CONTEXT) as string | undefined, name);
