/** Of `terraform show -json`, what is read here: https://developer.hashicorp.com/terraform/internals/json-format */
export interface Plan {
  readonly resource_changes?: readonly {
    readonly type: string;
    readonly change: {
      readonly actions: readonly string[];
      readonly before: Readonly<Record<string, unknown>> | null;
    };
  }[];
}

/** What a plan would remove of that which holds data. */
export interface Removals {
  /** Their URLs. */
  readonly queues: readonly string[];
  /** Names of tables and buckets. */
  readonly stores: readonly string[];
}

const STORES = ['aws_dynamodb_table', 'aws_s3_bucket'];

const namesOf = (plan: Plan, types: readonly string[], attribute: string): readonly string[] =>
  (plan.resource_changes ?? [])
    .filter(({ type, change }) => types.includes(type) && change.actions.includes('delete'))
    .map(({ change }) => change.before?.[attribute])
    .filter((name) => typeof name === 'string');

/** What is replaced is removed first. */
export const removalsOf = (plan: Plan): Removals => ({
  queues: namesOf(plan, ['aws_sqs_queue'], 'url'),
  stores: namesOf(plan, STORES, 'id'),
});
