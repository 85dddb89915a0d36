import { DataAwsCallerIdentity } from '@cdktf/provider-aws/lib/data-aws-caller-identity';
import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { type FunctionName, mappingsOf, SCHEDULES } from '../shared/contract/functions.ts';
import { QUEUES } from '../shared/contract/names.ts';
import { describeResources, tellingOf } from '../shared/contract/resources.ts';
import { ROUTES } from '../shared/contract/routes.ts';
import { bucketName } from '../shared/core/bucket-name.ts';
import { TOPIC_PUBLISHERS } from './constructs/alarm-topic.ts';
import { Bucket } from './constructs/bucket.ts';
import { EncryptionKey } from './constructs/encryption-key.ts';
import { EventsTopic } from './constructs/events-topic.ts';
import { FunctionSchedule } from './constructs/function-schedule.ts';
import { type ApiAuthorization, HttpApi } from './constructs/http-api.ts';
import type { LogKeeping } from './constructs/log-group.ts';
import type { PipelineFunction } from './constructs/pipeline-function.ts';
import { QueueMapping } from './constructs/queue-mapping.ts';
import { Queues } from './constructs/queues.ts';
import { ReadUrl } from './constructs/read-url.ts';
import { Table } from './constructs/table.ts';
import { WakeSchedule } from './constructs/wake-schedule.ts';
import { findFaults } from './find-faults.ts';
import { type DeployedFunctions, functionsOf, READER } from './functions-of.ts';
import type { LambdaArchives } from './lambda-archive.ts';
import { Observability } from './observability.ts';
import { addOutputs } from './outputs.ts';
import type { Stores } from './permissions.ts';
import { setEnvironment } from './physical-name.ts';
import type { DeployableSettings } from './settings.ts';
import { addProvider, keepState } from './terraform-settings.ts';

export interface SmootherStackProps {
  readonly settings: DeployableSettings;
  readonly archives: LambdaArchives;
  /** Whether the bucket is emptied when Terraform removes it: only ever for a removal that was asked for. */
  readonly isEmptied?: boolean;
}

interface Keys {
  /** Of everything that can have one; nothing with `aws`. */
  readonly data: string | undefined;
  /** Of the alarm topic, which always needs one that CloudWatch may use. */
  readonly topic: string;
}

const toAuthorization = ({ api_authorization: by, jwt }: DeployableSettings): ApiAuthorization => {
  if (by === 'jwt' && jwt !== undefined) return { by, ...jwt };
  return by === 'api_key' ? { by } : { by: 'iam' };
};

const targetOf = (functions: DeployedFunctions, name: FunctionName): PipelineFunction => {
  const target = functions[name];
  if (target === undefined) throw new Error(`the function ${name} is not deployed`);
  return target;
};

/** The whole deployment. */
export class SmootherStack extends TerraformStack {
  readonly #settings: DeployableSettings;
  readonly #account: string;
  readonly #keys: Keys;
  readonly #logs: LogKeeping;

  constructor(scope: Construct, id: string, { settings, archives, isEmptied = false }: SmootherStackProps) {
    super(scope, id);
    const faults = findFaults(settings);
    if (faults.length > 0) throw new Error(faults.join(' '));
    this.#settings = settings;
    setEnvironment(this, settings.environment);
    keepState(this, settings);
    addProvider(this, settings);
    this.#account = new DataAwsCallerIdentity(this, 'caller').accountId;
    this.#keys = this.#createKeys();
    this.#logs = { retentionDays: settings.log_retention_days, kmsKeyArn: this.#keys.data };

    const stores = this.#createStores(isEmptied);
    const { functions, reader } = functionsOf(this, {
      settings,
      stores,
      archives,
      account: this.#account,
      logs: this.#logs,
      kmsKeyArn: this.#keys.data,
    });
    const api = this.#createApi(functions);
    const readUrl =
      reader === undefined
        ? undefined
        : new ReadUrl(this, 'read-url', { target: reader, origins: settings.cors_origins });
    this.#connect(stores.queues, functions);
    const events = this.#createTopic();
    const observability = new Observability(this, 'observability', {
      settings,
      account: this.#account,
      topicKeyArn: this.#keys.topic,
      queues: stores.queues,
      functions: { ...functions, ...(reader === undefined ? {} : { [READER.name]: reader }) },
      api,
    });
    addOutputs(this, { settings, stores, api, observability, readUrl, events });
  }

  #createKeys(): Keys {
    const { kms_key: chosen, aws_region: region } = this.#settings;
    if (chosen !== 'aws' && chosen !== 'create') return { data: chosen, topic: chosen };
    const isAll = chosen === 'create';
    const { arn } = new EncryptionKey(this, 'encryption', {
      region,
      account: this.#account,
      name: isAll ? 'data' : 'alarms',
      description: isAll
        ? 'Encrypts everything of the request smoother.'
        : 'Encrypts the alarms of the request smoother: what CloudWatch tells a topic needs a key that it may use.',
      services: isAll ? [...TOPIC_PUBLISHERS, 'events'] : TOPIC_PUBLISHERS,
      isOfLogs: isAll,
      senders: isAll ? this.#settings.input_queue_senders : [],
    });
    return { data: isAll ? arn : undefined, topic: arn };
  }

  #createStores(isEmptied: boolean): Stores {
    const { queues, tables, bucket } = describeResources(this.#settings);
    const { aws_region: region, environment, deletion_protection: isProtected } = this.#settings;
    const kmsKeyArn = this.#keys.data;
    return {
      queues: new Queues(this, 'queues', { descriptions: queues, kmsKeyArn }),
      requests: new Table(this, 'requests', { description: tables.requests, kmsKeyArn, isProtected }),
      reporting: new Table(this, 'reporting', { description: tables.reporting, kmsKeyArn, isProtected }),
      bucket: new Bucket(this, 'calls', {
        description: bucket,
        name: bucketName(bucket, { environment, region, account: this.#account }),
        kmsKeyArn,
        isProtected,
        isEmptied,
      }),
    };
  }

  #createTopic(): EventsTopic | undefined {
    const { topic: name } = describeResources(this.#settings);
    return name === undefined
      ? undefined
      : new EventsTopic(this, 'completion-events', { name, kmsKeyArn: this.#keys.data });
  }

  #createApi(functions: DeployedFunctions): HttpApi {
    return new HttpApi(this, 'http', {
      routes: ROUTES,
      fallback: 'query',
      functions,
      origins: this.#settings.cors_origins,
      authorization: toAuthorization(this.#settings),
      limits: {
        requestsPerSecond: this.#settings.api_requests_per_second,
        burstRequests: this.#settings.api_burst_requests,
      },
      logs: this.#logs,
    });
  }

  /** What sets the functions to work, beside HTTP. */
  #connect(queues: Queues, functions: DeployedFunctions): void {
    const pools = Object.keys(this.#settings.models);
    for (const description of mappingsOf(pools.length, tellingOf(this.#settings)))
      new QueueMapping(this, `${description.queue}-mapping`, {
        description,
        queue: queues.get(description.queue),
        target: targetOf(functions, description.function),
      });
    for (const description of SCHEDULES)
      new FunctionSchedule(this, `${description.function}-schedule`, {
        description,
        target: targetOf(functions, description.function),
      });
    new WakeSchedule(this, 'schedule', { pools, wakeQueue: queues.get(QUEUES.wake) });
    queues.get(QUEUES.input).allowSendFrom(this.#settings.input_queue_senders);
  }
}
