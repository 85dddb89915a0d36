import {
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  type DynamoDBClient,
  GetItemCommand,
  type GetItemCommandInput,
  PutItemCommand,
  type PutItemCommandInput,
  ScanCommand,
  type ScanCommandInput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';

/**
 * DynamoDB's commands with plain values in place of typed attributes. The SDK's document client does so too, but has to
 * compose the chain of a call anew for each one, which is a fifth of what a call costs: it is for what is seldom asked.
 */
type PlainItem = Readonly<Record<string, unknown>>;

const TYPED = ['Key', 'Item', 'ExpressionAttributeValues', 'ExclusiveStartKey'] as const;

type Plain<Input> = {
  readonly [Member in keyof Input]: Member extends (typeof TYPED)[number] ? PlainItem : Input[Member];
};

const toInput = <Input>(plain: Plain<Input>): Input => {
  const input: Record<string, unknown> = { ...plain };
  for (const member of TYPED)
    if (input[member] !== undefined)
      input[member] = marshall(input[member] as PlainItem, { removeUndefinedValues: true });
  return input as Input;
};

const toPlain = (item: Parameters<typeof unmarshall>[0] | undefined) =>
  item === undefined ? undefined : unmarshall(item);

export const getItem = async (client: DynamoDBClient, input: Plain<GetItemCommandInput>) => {
  const { Item } = await client.send(new GetItemCommand(toInput(input)));
  return { Item: toPlain(Item) };
};

export const putItem = async (client: DynamoDBClient, input: Plain<PutItemCommandInput>) =>
  client.send(new PutItemCommand(toInput(input)));

export const updateItem = async (client: DynamoDBClient, input: Plain<UpdateItemCommandInput>) => {
  const { Attributes } = await client.send(new UpdateItemCommand(toInput(input)));
  return { Attributes: toPlain(Attributes) };
};

export const scanItems = async (client: DynamoDBClient, input: Plain<ScanCommandInput>) => {
  const { Items = [], LastEvaluatedKey } = await client.send(new ScanCommand(toInput(input)));
  return { Items: Items.map((item) => unmarshall(item)), LastEvaluatedKey: toPlain(LastEvaluatedKey) };
};

/** Keys stay typed: what was not processed is asked for again as it came back. */
export const batchGetItems = async (client: DynamoDBClient, input: BatchGetItemCommandInput) => {
  const { Responses = {}, UnprocessedKeys = {} } = await client.send(new BatchGetItemCommand(input));
  const found = Object.entries(Responses).map(
    ([table, items]) => [table, items.map((item) => unmarshall(item))] as const,
  );
  return { Responses: Object.fromEntries(found), UnprocessedKeys };
};
