import { TerraformOutput, type TerraformStack } from 'cdktf';
import { laneQueue, lanesOf, parkedQueue, QUEUES } from '../shared/contract/names.ts';
import type { EventsTopic } from './constructs/events-topic.ts';
import type { HttpApi } from './constructs/http-api.ts';
import type { ReadUrl } from './constructs/read-url.ts';
import type { Observability } from './observability.ts';
import { partitionOf } from './partition.ts';
import type { Stores } from './permissions.ts';
import type { DeployableSettings } from './settings.ts';

export interface Deployed {
  readonly settings: DeployableSettings;
  readonly stores: Stores;
  readonly api: HttpApi;
  readonly observability: Observability;
  readonly readUrl: ReadUrl | undefined;
  readonly events: EventsTopic | undefined;
}

const CONSOLES: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
};

const dashboardUrl = (region: string, dashboard: string): string =>
  `https://${CONSOLES[partitionOf(region).name]}/cloudwatch/home?region=${region}#dashboards:name=${dashboard}`;

const holdQueueUrls = ({ settings, stores }: Deployed): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.keys(settings.models)
      .flatMap((pool) => [...lanesOf(pool).map(laneQueue), parkedQueue(pool)])
      .map((name) => [name, stores.queues.get(name).url]),
  );

/** Tells where everything is. */
export const addOutputs = (stack: TerraformStack, deployed: Deployed): void => {
  const { settings, stores, api, observability, readUrl, events } = deployed;
  const values = {
    input_queue_url: stores.queues.get(QUEUES.input).url,
    batches_queue_url: stores.queues.get(QUEUES.batches).url,
    results_queue_url: stores.queues.get(QUEUES.results).url,
    hold_queue_urls: holdQueueUrls(deployed),
    dead_letter_queue_urls: Object.fromEntries(
      stores.queues.deadLetterNames.map((name) => [name, stores.queues.get(name).url]),
    ),
    requests_table: stores.requests.name,
    reporting_table: stores.reporting.name,
    bucket: stores.bucket.name,
    alarm_topic_arn: observability.topicArn,
    api_url: api.url,
    ...(events === undefined ? {} : { events_topic_arn: events.arn }),
    ...(readUrl === undefined ? {} : { read_url: readUrl.url }),
    dashboard_url: dashboardUrl(settings.aws_region, observability.dashboardName),
  };
  // Outputs share the names of constructs, hence the other id.
  for (const [name, value] of Object.entries(values))
    new TerraformOutput(stack, `output-${name}`, { value }).overrideLogicalId(name);
};
