import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { LambdaFunction } from '@cdktf/provider-aws/lib/lambda-function';
import { LambdaFunctionEventInvokeConfig } from '@cdktf/provider-aws/lib/lambda-function-event-invoke-config';
import { LambdaFunctionRecursionConfig } from '@cdktf/provider-aws/lib/lambda-function-recursion-config';
import { AssetType, TerraformAsset } from 'cdktf';
import { Construct } from 'constructs';
import { FUNCTIONS, type FunctionName } from '../../shared/contract/functions.ts';
import type { LambdaArchive } from '../lambda-archive.ts';
import { LAMBDA_HANDLER } from '../lambda-bundle.ts';
import { nameIn } from '../physical-name.ts';
import { platformPermissions } from '../platform-permissions.ts';
import { assumedBy, type Statement, toPolicy } from '../policy.ts';
import { createLogGroup, type LogKeeping } from './log-group.ts';

export interface PipelineFunctionProps {
  readonly name: FunctionName;
  /** Where the same code runs once more, such as behind a URL: the other's name, export and limit. */
  readonly variant?: { readonly name: string; readonly handler: string; readonly timeoutSeconds: number };
  readonly region: string;
  readonly archive: LambdaArchive;
  readonly environment: Readonly<Record<string, string>>;
  /** What it may do, with what Lambda does in its name; but for its log. */
  readonly permissions: readonly Statement[];
  readonly logs: LogKeeping;
  /** A policy beyond which it may do nothing. */
  readonly permissionsBoundaryArn?: string | undefined;
  /** Encrypts its environment; without it a key of Lambda's own does. */
  readonly kmsKeyArn?: string | undefined;
  /** Places that are its own, and the most it may use; without it any that are free. */
  readonly reservedConcurrency?: number | undefined;
  /**
   * It sends to the queue that invokes it, each time with a delay. Lambda would take that for a loop and drop the
   * message after some sixteen rounds.
   */
  readonly invokesItself?: boolean | undefined;
  /** Takes events of invocations that nobody waits for and that failed. */
  readonly deadLetterArn?: string | undefined;
}

/** Part of the asset's path: enough of the hash to tell any two archives apart. */
const ASSET_HASH_CHARACTERS = 32;

/** Only the clock invokes in that way, and comes again; what an operator sends so is tried once, while it is fresh. */
const ASYNCHRONOUS = { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 300 };

const toAssetHash = (sha256Base64: string): string =>
  Buffer.from(sha256Base64, 'base64').toString('hex').slice(0, ASSET_HASH_CHARACTERS);

/** A function with a role, a log and nothing that another function could use. */
export class PipelineFunction extends Construct {
  readonly arn: string;
  readonly invokeArn: string;
  /** The real name, with the prefix; what is made of it does not wait for the function. */
  readonly name: string;
  /** The same, once the function is there. */
  readonly createdName: string;
  readonly timeoutSeconds: number;

  constructor(scope: Construct, id: string, props: PipelineFunctionProps) {
    super(scope, id);
    const { memoryMb, description, timeoutSeconds } = FUNCTIONS[props.name];
    this.name = nameIn(this, props.variant?.name ?? props.name);
    this.timeoutSeconds = props.variant?.timeoutSeconds ?? timeoutSeconds;
    const log = createLogGroup(this, `/aws/lambda/${this.name}`, props.logs);
    const { role, policy } = this.#createRole(props, log.arn);
    const code = new TerraformAsset(this, 'code', {
      path: props.archive.path,
      type: AssetType.FILE,
      assetHash: toAssetHash(props.archive.sha256Base64),
    });
    const lambda = new LambdaFunction(this, 'function', {
      functionName: this.name,
      description,
      role: role.arn,
      runtime: 'nodejs22.x',
      architectures: ['arm64'],
      handler: props.variant?.handler ?? LAMBDA_HANDLER,
      timeout: this.timeoutSeconds,
      memorySize: memoryMb,
      filename: code.path,
      sourceCodeHash: props.archive.sha256Base64,
      environment: { variables: { ...props.environment } },
      tracingConfig: { mode: 'Active' },
      // Lambda's own lines in JSON too, and not three of them for every invocation.
      loggingConfig: {
        logFormat: 'JSON',
        logGroup: log.name,
        applicationLogLevel: 'INFO',
        systemLogLevel: 'WARN',
      },
      ...(props.kmsKeyArn === undefined ? {} : { kmsKeyArn: props.kmsKeyArn }),
      ...(props.reservedConcurrency === undefined
        ? {}
        : { reservedConcurrentExecutions: props.reservedConcurrency }),
      ...(props.deadLetterArn === undefined ? {} : { deadLetterConfig: { targetArn: props.deadLetterArn } }),
      // Its first invocation needs both: without the log group Lambda would make one that is kept for ever.
      dependsOn: [policy, log],
    });
    new LambdaFunctionEventInvokeConfig(this, 'asynchronous', {
      functionName: lambda.functionName,
      ...ASYNCHRONOUS,
    });
    if (props.invokesItself === true)
      new LambdaFunctionRecursionConfig(this, 'recursion', {
        functionName: lambda.functionName,
        recursiveLoop: 'Allow',
      });
    this.createdName = lambda.functionName;
    this.arn = lambda.arn;
    this.invokeArn = lambda.invokeArn;
  }

  #createRole(props: PipelineFunctionProps, logArn: string) {
    const { region, permissions, permissionsBoundaryArn: boundary, deadLetterArn } = props;
    const role = new IamRole(this, 'role', {
      // Roles belong to the account, not to a region.
      name: `${this.name}-${region}`,
      assumeRolePolicy: assumedBy('lambda.amazonaws.com'),
      ...(boundary === undefined ? {} : { permissionsBoundary: boundary }),
    });
    const policy = new IamRolePolicy(this, 'policy', {
      name: this.name,
      role: role.name,
      policy: toPolicy([...platformPermissions(logArn, deadLetterArn), ...permissions]),
    });
    return { role, policy };
  }
}
