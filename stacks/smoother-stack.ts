import { DataAwsCallerIdentity } from '@cdktf/provider-aws/lib/data-aws-caller-identity';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { LocalBackend, TerraformOutput, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { type FunctionName, mappingsOf } from '../shared/contract/functions.ts';
import { QUEUES } from '../shared/contract/names.ts';
import { describeResources } from '../shared/contract/resources.ts';
import { ROUTES } from '../shared/contract/routes.ts';
import { bucketName } from './bucket-name.ts';
import { Alarms } from './constructs/alarms.ts';
import { Bucket } from './constructs/bucket.ts';
import { Dashboard } from './constructs/dashboard.ts';
import { HttpApi } from './constructs/http-api.ts';
import { PipelineFunction } from './constructs/pipeline-function.ts';
import { QueueMapping } from './constructs/queue-mapping.ts';
import { Queues } from './constructs/queues.ts';
import { Table } from './constructs/table.ts';
import { WakeSchedule } from './constructs/wake-schedule.ts';
import { findFaults } from './find-faults.ts';
import { functionEnvironments } from './function-environment.ts';
import type { LambdaArchives } from './lambda-archive.ts';
import { functionPermissions, type Stores } from './permissions.ts';
import type { DeployableSettings } from './settings.ts';
import { toTemplateText } from './template-text.ts';

export interface SmootherStackProps {
  readonly settings: DeployableSettings;
  readonly archives: LambdaArchives;
}

/**
 * In the project's folder, seen from `cdktf.out/stacks/smoother`, where Terraform runs: `cdktf.out` may be removed
 * at any time.
 */
const STATE_FILE = '../../../terraform.smoother.tfstate';

/** The whole deployment. */
export class SmootherStack extends TerraformStack {
  readonly #settings: DeployableSettings;
  readonly #pools: readonly string[];
  readonly #account: string;

  constructor(scope: Construct, id: string, { settings, archives }: SmootherStackProps) {
    super(scope, id);
    const faults = findFaults(settings);
    if (faults.length > 0) throw new Error(faults.join(' '));
    this.#settings = settings;
    this.#pools = Object.keys(settings.models);
    new LocalBackend(this, { path: STATE_FILE });
    new AwsProvider(this, 'aws', { region: settings.aws_region });
    this.#account = new DataAwsCallerIdentity(this, 'caller').accountId;

    const stores = this.#createStores();
    const functions = this.#createFunctions(stores, archives);
    const api = new HttpApi(this, 'http', {
      routes: ROUTES,
      fallback: 'query',
      functions,
      origins: settings.cors_origins,
    });
    for (const description of mappingsOf(this.#pools.length))
      new QueueMapping(this, `${description.queue}-mapping`, {
        description,
        queue: stores.queues.get(description.queue),
        target: functions[description.function],
      });
    new WakeSchedule(this, 'schedule', {
      pools: this.#pools,
      wakeQueue: stores.queues.get(QUEUES.wake),
    });
    const alarms = this.#createAlarms(stores.queues);
    const dashboard = new Dashboard(this, 'dashboard', {
      name: settings.dashboard_name,
      region: settings.aws_region,
      pools: this.#pools,
    });

    this.#output('input_queue_url', stores.queues.get(QUEUES.input).url);
    this.#output('results_queue_url', stores.queues.get(QUEUES.results).url);
    this.#output('requests_table', stores.requests.name);
    this.#output('reporting_table', stores.reporting.name);
    this.#output('bucket', stores.bucket.name);
    this.#output('alarm_topic_arn', alarms.topicArn);
    this.#output('api_url', api.url);
    this.#output('dashboard_name', dashboard.name);
  }

  #createStores(): Stores {
    const { queues, tables, bucket } = describeResources(this.#settings);
    return {
      queues: new Queues(this, 'queues', { descriptions: queues }),
      requests: new Table(this, 'requests', { description: tables.requests }),
      reporting: new Table(this, 'reporting', { description: tables.reporting }),
      bucket: new Bucket(this, 'calls', {
        description: bucket,
        name: bucketName(bucket, this.#settings.aws_region, this.#account),
      }),
    };
  }

  #createFunctions(stores: Stores, archives: LambdaArchives): Record<FunctionName, PipelineFunction> {
    const environments = functionEnvironments(this.#settings, {
      account: this.#account,
      requestsTable: stores.requests.name,
      reportingTable: stores.reporting.name,
      bucket: stores.bucket.name,
    });
    const permissions = functionPermissions(stores, this.#settings, this.#account);
    const create = (name: FunctionName): PipelineFunction =>
      new PipelineFunction(this, name, {
        name,
        region: this.#settings.aws_region,
        archive: archives[name],
        environment: {
          ...environments[name],
          SMOOTHER_SETTINGS: toTemplateText(environments[name].SMOOTHER_SETTINGS),
        },
        permissions: permissions[name],
        logRetentionDays: this.#settings.log_retention_days,
      });
    return {
      ingestion: create('ingestion'),
      prioritization: create('prioritization'),
      splitter: create('splitter'),
      query: create('query'),
    };
  }

  #createAlarms(queues: Queues): Alarms {
    return new Alarms(this, 'alarms', {
      email: this.#settings.notification_email,
      pools: this.#pools,
      deadLetterQueues: queues.deadLetterNames.map((name) => queues.get(name)),
      modelErrors: this.#settings.alarm_threshold,
      periods: this.#settings.alarm_evaluation_periods,
    });
  }

  #output(name: string, value: string): void {
    // Outputs share the names of constructs, hence the other id.
    new TerraformOutput(this, `output-${name}`, { value }).overrideLogicalId(name);
  }
}
