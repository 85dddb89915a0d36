import { type DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { type Delivery, deliverySchema } from '../contract/events.ts';
import { deliveryKey } from '../contract/keys.ts';
import type { DeliveryLog } from '../ports/delivery-log.ts';

export interface DynamoDeliveryLogOptions {
  readonly client: DynamoDBDocumentClient;
  /** The reporting table. */
  readonly table: string;
}

const parse = (stored: unknown): Delivery | undefined => deliverySchema.safeParse(stored).data;

export const createDynamoDeliveryLog = ({ client, table }: DynamoDeliveryLogOptions): DeliveryLog => ({
  read: async (tenant, eventId) => {
    const { Item } = await client.send(
      new GetCommand({ TableName: table, Key: deliveryKey(tenant, eventId), ConsistentRead: true }),
    );
    return parse(Item?.delivery);
  },
  keep: async (delivery, ttlSeconds) => {
    const { event_id, event } = delivery;
    const Item = { ...deliveryKey(event.data.tenant, event_id), delivery, ttl_seconds: ttlSeconds };
    await client.send(new PutCommand({ TableName: table, Item }));
  },
  list: async (tenant, before, most) => {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: `report_id = :tenant${before === undefined ? '' : ' AND #segment < :before'}`,
        ...(before === undefined ? {} : { ExpressionAttributeNames: { '#segment': 'segment' } }),
        ExpressionAttributeValues: {
          ':tenant': deliveryKey(tenant, '').report_id,
          ...(before === undefined ? {} : { ':before': before }),
        },
        ScanIndexForward: false,
        Limit: most,
        ConsistentRead: true,
      }),
    );
    return Items.flatMap(({ delivery }) => parse(delivery) ?? []);
  },
});
