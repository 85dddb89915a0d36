import { type CloudDatabase, successorOf } from '../cloud-database.ts';
import type { DynamoDb, DynamoDbReply } from './start-dynamodb.ts';

/** `dynamodb/ttl/<table>`: where a table says when its items expire. */
const PREFIX = 'dynamodb/ttl/';
const MAX_NAME_LENGTH = 255;

export interface TimeToLive {
  readonly table: string;
  /** A table that was deleted and made again is another one. */
  readonly tableId: string;
  readonly attribute: string;
}

interface TableDescription {
  readonly TableId: string;
  readonly KeySchema: readonly { readonly AttributeName: string }[];
}

interface Specification {
  readonly attribute: string;
  readonly enabled: boolean;
}

/** What dynalite lacks: UpdateTimeToLive, and a DescribeTimeToLive that knows of it. */
export class TimeToLiveSettings {
  readonly #database: CloudDatabase;
  readonly #dynamoDb: DynamoDb;

  constructor(database: CloudDatabase, dynamoDb: DynamoDb) {
    this.#database = database;
    this.#dynamoDb = dynamoDb;
  }

  /** Undefined for every other action. */
  answer(action: string, body: Buffer): Promise<DynamoDbReply> | undefined {
    if (action === 'UpdateTimeToLive') return this.#answer(body, (input) => this.#update(input));
    if (action === 'DescribeTimeToLive') return this.#answer(body, (input) => this.#describe(input));
    return undefined;
  }

  async all(): Promise<TimeToLive[]> {
    const all: TimeToLive[] = [];
    for await (const [, value] of this.#database.entries(PREFIX, successorOf(PREFIX)))
      all.push(JSON.parse(value));
    return all;
  }

  /** The names of the table's key attributes; undefined when the table is gone, and its setting with it. */
  async keysOf({ table, tableId }: TimeToLive): Promise<string[] | undefined> {
    const found = await this.#describeTable(table);
    if ('TableId' in found && found.TableId === tableId) {
      return found.KeySchema.map(({ AttributeName }) => AttributeName);
    }
    await this.#database.write([{ type: 'del', key: PREFIX + table }]);
    return undefined;
  }

  async #answer(
    body: Buffer,
    work: (input: Record<string, unknown>) => Promise<DynamoDbReply>,
  ): Promise<DynamoDbReply> {
    const input = parseObject(body);
    if (input === undefined) {
      return refuse('com.amazon.coral.service#SerializationException', 'The body must be a JSON object.');
    }
    return work(input);
  }

  async #update({ TableName, TimeToLiveSpecification }: Record<string, unknown>): Promise<DynamoDbReply> {
    const specification = parseSpecification(TimeToLiveSpecification);
    if (typeof specification === 'string') return invalid(specification);
    const found = await this.#describeTable(TableName);
    if (!('TableId' in found)) return found;
    const table = String(TableName);
    const current = await this.#find(table, found.TableId);
    const fault = faultOf(specification, current);
    if (fault !== undefined) return invalid(fault);
    const setting: TimeToLive = { table, tableId: found.TableId, attribute: specification.attribute };
    await this.#database.write([
      specification.enabled
        ? { type: 'put', key: PREFIX + table, value: JSON.stringify(setting) }
        : { type: 'del', key: PREFIX + table },
    ]);
    return { status: 200, body: JSON.stringify({ TimeToLiveSpecification }) };
  }

  async #describe({ TableName }: Record<string, unknown>): Promise<DynamoDbReply> {
    const found = await this.#describeTable(TableName);
    if (!('TableId' in found)) return found;
    const current = await this.#find(String(TableName), found.TableId);
    const TimeToLiveDescription =
      current === undefined
        ? { TimeToLiveStatus: 'DISABLED' }
        : { AttributeName: current.attribute, TimeToLiveStatus: 'ENABLED' };
    return { status: 200, body: JSON.stringify({ TimeToLiveDescription }) };
  }

  async #find(table: string, tableId: string): Promise<TimeToLive | undefined> {
    const value = await this.#database.get(PREFIX + table);
    const setting: TimeToLive | undefined = value === undefined ? undefined : JSON.parse(value);
    return setting?.tableId === tableId ? setting : undefined;
  }

  /** The refusal of dynalite when there is no such table. */
  async #describeTable(TableName: unknown): Promise<TableDescription | DynamoDbReply> {
    const reply = await this.#dynamoDb.call('DescribeTable', { TableName });
    return reply.status === 200 ? JSON.parse(reply.body).Table : reply;
  }
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html */
function faultOf({ attribute, enabled }: Specification, current: TimeToLive | undefined): string | undefined {
  if (enabled) return current === undefined ? undefined : 'TimeToLive is already enabled';
  if (current === undefined) return 'TimeToLive is already disabled';
  if (current.attribute === attribute) return undefined;
  return `TimeToLive is active on a different AttributeName: current AttributeName is ${current.attribute}`;
}

/** A text is what is wrong with it. */
function parseSpecification(given: unknown): Specification | string {
  const { AttributeName, Enabled } = (given ?? {}) as Record<string, unknown>;
  if (typeof AttributeName !== 'string' || AttributeName === '' || AttributeName.length > MAX_NAME_LENGTH) {
    return `TimeToLiveSpecification.AttributeName must be a text of 1 to ${MAX_NAME_LENGTH} characters`;
  }
  if (typeof Enabled !== 'boolean') return 'TimeToLiveSpecification.Enabled must be true or false';
  return { attribute: AttributeName, enabled: Enabled };
}

function parseObject(body: Buffer): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(body.toString());
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function invalid(message: string): DynamoDbReply {
  return refuse('com.amazon.coral.validate#ValidationException', message);
}

function refuse(type: string, message: string): DynamoDbReply {
  return { status: 400, body: JSON.stringify({ __type: type, message }) };
}
