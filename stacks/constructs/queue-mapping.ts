import { LambdaEventSourceMapping } from '@cdktf/provider-aws/lib/lambda-event-source-mapping';
import { Construct } from 'constructs';
import type { MappingDescription } from '../../shared/contract/functions.ts';
import type { PipelineFunction } from './pipeline-function.ts';
import type { Queue } from './queue.ts';

export interface QueueMappingProps {
  readonly description: MappingDescription;
  readonly queue: Queue;
  readonly target: PipelineFunction;
}

/** Invokes a function with the messages of a queue; it says which of them failed. */
export class QueueMapping extends Construct {
  constructor(scope: Construct, id: string, { description, queue, target }: QueueMappingProps) {
    super(scope, id);
    new LambdaEventSourceMapping(this, 'mapping', {
      eventSourceArn: queue.arn,
      functionName: target.arn,
      batchSize: description.batchSize,
      functionResponseTypes: ['ReportBatchItemFailures'],
      scalingConfig: { maximumConcurrency: description.maximumConcurrency },
    });
  }
}
