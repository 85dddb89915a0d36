import { DynamodbTable } from '@cdktf/provider-aws/lib/dynamodb-table';
import { Construct } from 'constructs';
import { keyAttributesOf, type TableDescription } from '../../shared/contract/resources.ts';
import { toLogicalId } from '../logical-id.ts';
import { nameIn } from '../physical-name.ts';

export interface TableProps {
  readonly description: TableDescription;
  /** What it is encrypted with; without it with AWS's key for tables. */
  readonly kmsKeyArn?: string | undefined;
  /** Whether AWS and Terraform refuse to remove it. */
  readonly isProtected?: boolean;
}

/** A table that is paid by request, encrypted, and can be set back to any second of the last 35 days. */
export class Table extends Construct {
  readonly arn: string;
  readonly name: string;
  readonly indexArns: readonly string[];

  constructor(scope: Construct, id: string, { description, kmsKeyArn, isProtected = false }: TableProps) {
    super(scope, id);
    const { partitionKey, sortKey } = description;
    const table = new DynamodbTable(this, 'table', {
      name: nameIn(this, description.name),
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
      serverSideEncryption: { enabled: true, ...(kmsKeyArn === undefined ? {} : { kmsKeyArn }) },
      deletionProtectionEnabled: isProtected,
      ...(isProtected ? { lifecycle: { preventDestroy: true } } : {}),
    });
    table.overrideLogicalId(toLogicalId(description.name));
    this.arn = table.arn;
    this.name = table.name;
    this.indexArns = description.indexes.map(({ name }) => `${table.arn}/index/${name}`);
  }
}
