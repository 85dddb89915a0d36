import type { Partition } from '../partition.ts';

export interface DeployerPlace {
  readonly partition: Partition;
  readonly region: string;
  readonly account: string;
}
