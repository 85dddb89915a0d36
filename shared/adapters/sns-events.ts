import { type MessageAttributeValue, PublishBatchCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { CompletionEvent } from '../contract/events.ts';
import type { EventTopic } from '../ports/event-topic.ts';

export interface SnsEventsOptions {
  readonly client: SNSClient;
  readonly topicArn: string;
}

/** What subscribers can filter by; what an event does not have, it has no attribute for. */
const attributesOf = ({ type, data }: CompletionEvent): Record<string, MessageAttributeValue> => {
  const { tenant, status, pool, priority, batch_id } = data;
  return Object.fromEntries(
    Object.entries({ event: type, tenant, status, pool, priority, batch_id }).flatMap(([name, value]) =>
      value === null || value === '' ? [] : [[name, { DataType: 'String', StringValue: value }]],
    ),
  );
};

/** One call for all; an event is small, so that ten of them are far below what SNS takes. */
export const createSnsEvents = ({ client, topicArn }: SnsEventsOptions): EventTopic => ({
  publish: async (events) => {
    try {
      const { Failed = [] } = await client.send(
        new PublishBatchCommand({
          TopicArn: topicArn,
          PublishBatchRequestEntries: events.map((event, index) => ({
            Id: String(index),
            Message: JSON.stringify(event),
            MessageAttributes: attributesOf(event),
          })),
        }),
      );
      return new Set(Failed.map(({ Id }) => Number(Id)));
    } catch {
      return new Set(events.keys());
    }
  },
});
