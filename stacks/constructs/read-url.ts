import { LambdaFunctionUrl } from '@cdktf/provider-aws/lib/lambda-function-url';
import { Construct } from 'constructs';
import { CORS } from '../../shared/contract/cors.ts';
import type { PipelineFunction } from './pipeline-function.ts';

export interface ReadUrlProps {
  readonly target: PipelineFunction;
  /** Whose pages may call it from a browser; none: nobody's. */
  readonly origins: readonly string[];
}

const toCors = (origins: readonly string[]) => ({
  allowOrigins: [...origins],
  allowMethods: ['GET', 'POST'],
  allowHeaders: [...CORS.requestHeaders],
  exposeHeaders: [...CORS.answerHeaders],
  maxAge: CORS.maxAgeSeconds,
});

/** An address of a function's own, for signed calls, whose answers are sent as they come. */
export class ReadUrl extends Construct {
  readonly url: string;

  constructor(scope: Construct, id: string, { target, origins }: ReadUrlProps) {
    super(scope, id);
    const url = new LambdaFunctionUrl(this, 'url', {
      functionName: target.createdName,
      authorizationType: 'AWS_IAM',
      invokeMode: 'RESPONSE_STREAM',
      ...(origins.length === 0 ? {} : { cors: toCors(origins) }),
    });
    this.url = url.functionUrl;
  }
}
