import { ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';

/** Of all messages that are visible, in their order. They stay invisible for ten minutes. */
export async function receiveBodies(sqs: SQSClient, QueueUrl: string | undefined): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600 }),
    );
    if (Messages.length === 0) return bodies;
    bodies.push(...Messages.map(({ Body = '' }) => Body));
  }
}
