import { DynamodbTable } from '@cdktf/provider-aws/lib/dynamodb-table';
import { Construct } from 'constructs';
import { keyAttributesOf, physicalName, type TableDescription } from '../../shared/contract/resources.ts';
import { toLogicalId } from '../logical-id.ts';

export interface TableProps {
  readonly description: TableDescription;
}

/** A table that is paid by request, encrypted, and can be set back to any second of the last 35 days. */
export class Table extends Construct {
  readonly arn: string;
  readonly name: string;
  readonly indexArns: readonly string[];

  constructor(scope: Construct, id: string, { description }: TableProps) {
    super(scope, id);
    const { partitionKey, sortKey } = description;
    const table = new DynamodbTable(this, 'table', {
      name: physicalName(description.name),
      billingMode: 'PAY_PER_REQUEST',
      hashKey: partitionKey.name,
      ...(sortKey === undefined ? {} : { rangeKey: sortKey.name }),
      attribute: keyAttributesOf(description).map(({ name, type }) => ({ name, type })),
      ...(description.indexes.length === 0
        ? {}
        : {
            globalSecondaryIndex: description.indexes.map((index) => ({
              name: index.name,
              hashKey: index.partitionKey.name,
              rangeKey: index.sortKey.name,
              projectionType: 'KEYS_ONLY',
            })),
          }),
      ttl: { attributeName: description.timeToLiveAttribute, enabled: true },
      pointInTimeRecovery: { enabled: true },
      serverSideEncryption: { enabled: true },
    });
    table.overrideLogicalId(toLogicalId(description.name));
    this.arn = table.arn;
    this.name = table.name;
    this.indexArns = description.indexes.map(({ name }) => `${table.arn}/index/${name}`);
  }
}
