import 'cdktf/lib/testing/adapters/jest';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { LambdaFunction } from '@cdktf/provider-aws/lib/lambda-function';
import { LambdaFunctionRecursionConfig } from '@cdktf/provider-aws/lib/lambda-function-recursion-config';
import { Testing } from 'cdktf';
import { PipelineFunction, type PipelineFunctionProps } from '../../stacks/constructs/pipeline-function.ts';
import { writeArchive } from '../../stacks/lambda-archive.ts';
import { newFolder, removeFolders, resourcesOf, statementsOf, synthConstruct } from './harness.ts';

Testing.setupJest();
afterAll(removeFolders);

const build = (code = 'exports.handler = 1;', more: Partial<PipelineFunctionProps> = {}) =>
  synthConstruct((stack) => {
    new PipelineFunction(stack, 'query', {
      name: 'query',
      region: 'eu-west-1',
      archive: writeArchive(newFolder(), 'query', Buffer.from(code)),
      environment: { COLOUR: 'red' },
      permissions: [{ Effect: 'Allow', Action: ['sqs:SendMessage'], Resource: ['arn:aws:sqs:one'] }],
      logs: { retentionDays: 30 },
      ...more,
    });
  });

const functionOf = (code?: string) => {
  const [[, attributes] = []] = resourcesOf(build(code), 'aws_lambda_function');
  return attributes ?? {};
};

describe('PipelineFunction', () => {
  it('is what the contract describes, on the runtime of the bundle', () => {
    expect(build().text).toHaveResourceWithProperties(LambdaFunction, {
      function_name: 'smoother-query',
      description: 'Answers reads, apart from ingestion so that pollers cannot starve submitters.',
      timeout: 30,
      memory_size: 256,
      runtime: 'nodejs22.x',
      architectures: ['arm64'],
      handler: 'index.handler',
      environment: { variables: { COLOUR: 'red' } },
    });
  });

  it('may invoke itself by its queue only where it says that it does', () => {
    expect(resourcesOf(build(), 'aws_lambda_function_recursion_config')).toEqual([]);
    expect(build(undefined, { invokesItself: true }).text).toHaveResourceWithProperties(
      LambdaFunctionRecursionConfig,
      { recursive_loop: 'Allow', function_name: expect.stringContaining('aws_lambda_function.') },
    );
  });

  it('keeps its log as long as asked', () => {
    expect(build().text).toHaveResourceWithProperties(CloudwatchLogGroup, {
      name: '/aws/lambda/smoother-query',
      retention_in_days: 30,
    });
  });

  it('has a role of its own, with the region in its name', () => {
    expect(build().text).toHaveResourceWithProperties(IamRole, { name: 'smoother-query-eu-west-1' });
  });

  it('may write its own log, and what it was allowed', () => {
    const [[, policy] = []] = resourcesOf(build(), 'aws_iam_role_policy');

    expect(statementsOf(policy?.policy)).toEqual([
      {
        Sid: 'Log',
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: [expect.stringMatching(/^\$\{aws_cloudwatch_log_group\.\w+\.arn\}:\*$/)],
      },
      {
        Sid: 'Trace',
        Effect: 'Allow',
        Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
        Resource: ['*'],
      },
      { Effect: 'Allow', Action: ['sqs:SendMessage'], Resource: ['arn:aws:sqs:one'] },
    ]);
  });

  it('waits for its role and its log', () => {
    expect(functionOf().depends_on).toEqual([
      expect.stringMatching(/^aws_iam_role_policy\./),
      expect.stringMatching(/^aws_cloudwatch_log_group\./),
    ]);
  });

  it('is the same for the same code, from wherever it was read', () => {
    expect(functionOf()).toEqual(functionOf());
    expect(functionOf().filename).toMatch(/^assets\/query_code_\w+\/[0-9a-f]{32}\/query\.zip$/);
  });

  it('is another for other code', () => {
    const one = functionOf('exports.handler = 1;');
    const other = functionOf('exports.handler = 2;');

    expect(one.source_code_hash).not.toBe(other.source_code_hash);
    expect(one.filename).not.toBe(other.filename);
  });

  it('names the hash that Lambda answers with', () => {
    const { path, sha256Base64 } = writeArchive(newFolder(), 'query', Buffer.from('exports.handler = 1;'));

    expect(sha256Base64).toBe(createHash('sha256').update(readFileSync(path)).digest('base64'));
    expect(functionOf().source_code_hash).toBe(sha256Base64);
  });
});
