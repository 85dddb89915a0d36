import { SqsQueueRedriveAllowPolicy } from '@cdktf/provider-aws/lib/sqs-queue-redrive-allow-policy';
import { Construct } from 'constructs';
import type { QueueDescription } from '../../shared/contract/resources.ts';
import { Queue } from './queue.ts';

export interface QueuesProps {
  readonly descriptions: readonly QueueDescription[];
  readonly kmsKeyArn?: string | undefined;
}

/** Every queue, each joined to the one that takes its dead letters, which takes them from nobody else. */
export class Queues extends Construct {
  readonly #queues = new Map<string, Queue>();
  readonly #descriptions: readonly QueueDescription[];

  constructor(scope: Construct, id: string, { descriptions, kmsKeyArn }: QueuesProps) {
    super(scope, id);
    this.#descriptions = descriptions;
    for (const description of descriptions)
      if (description.deadLetter === undefined)
        this.#queues.set(description.name, new Queue(this, description.name, { description, kmsKeyArn }));
    for (const description of descriptions)
      if (description.deadLetter !== undefined)
        this.#queues.set(
          description.name,
          new Queue(this, description.name, {
            description,
            kmsKeyArn,
            deadLetterArn: this.get(description.deadLetter.queue).arn,
          }),
        );
    for (const name of this.deadLetterNames) this.#limitSources(name);
  }

  /** Names, within the deployment, of the queues that take dead letters. */
  get deadLetterNames(): readonly string[] {
    return [...new Set(this.#descriptions.flatMap(({ deadLetter }) => deadLetter?.queue ?? []))];
  }

  /** The queue of a name within the deployment. */
  get(name: string): Queue {
    const queue = this.#queues.get(name);
    if (queue === undefined) throw new Error(`there is no queue \`${name}\``);
    return queue;
  }

  #limitSources(name: string): void {
    const sources = this.#descriptions.filter(({ deadLetter }) => deadLetter?.queue === name);
    new SqsQueueRedriveAllowPolicy(this, `sources-of-${name}`, {
      queueUrl: this.get(name).url,
      redriveAllowPolicy: JSON.stringify({
        redrivePermission: 'byQueue',
        sourceQueueArns: sources.map((source) => this.get(source.name).arn),
      }),
    });
  }
}
