import { randomUUID } from 'node:crypto';
import { escapeXml } from '../escape-xml.ts';
import { publish, publishBatch } from './publish-actions.ts';
import { QueryForm } from './query-form.ts';
import type { SnsAction, SnsServices } from './sns-action.ts';
import { SnsError } from './sns-error.ts';
import {
  getSubscriptionAttributes,
  listSubscriptions,
  listSubscriptionsByTopic,
  setSubscriptionAttributes,
  subscribe,
  unsubscribe,
} from './subscription-actions.ts';
import {
  createTopic,
  deleteTopic,
  getTopicAttributes,
  listTopics,
  setTopicAttributes,
} from './topic-actions.ts';

const ACTIONS: Readonly<Record<string, SnsAction>> = {
  CreateTopic: createTopic,
  DeleteTopic: deleteTopic,
  GetSubscriptionAttributes: getSubscriptionAttributes,
  GetTopicAttributes: getTopicAttributes,
  ListSubscriptions: listSubscriptions,
  ListSubscriptionsByTopic: listSubscriptionsByTopic,
  ListTopics: listTopics,
  Publish: publish,
  PublishBatch: publishBatch,
  SetSubscriptionAttributes: setSubscriptionAttributes,
  SetTopicAttributes: setTopicAttributes,
  Subscribe: subscribe,
  Unsubscribe: unsubscribe,
};

/** The other services that speak the query protocol have other versions. */
const SNS_VERSION = '2010-03-31';
const XML_NAMESPACE = 'xmlns="http://sns.amazonaws.com/doc/2010-03-31/"';

export interface QueryResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The query protocol: a form with an Action. SNS is the one service here that speaks it. */
export async function handleSns(services: SnsServices, body: Buffer): Promise<QueryResponse> {
  const form = QueryForm.parse(body.toString());
  const name = form.get('Action') ?? '';
  const requestId = randomUUID();
  try {
    const isSns = form.get('Version') === SNS_VERSION && Object.hasOwn(ACTIONS, name);
    const action = isSns ? ACTIONS[name] : undefined;
    if (action === undefined) {
      throw new SnsError('InvalidAction', `The action "${name}" is not supported by this local cloud.`);
    }
    const result = await action({ ...services, form });
    return toResponse(
      200,
      requestId,
      `<${name}Response ${XML_NAMESPACE}><${name}Result>${result}</${name}Result>` +
        `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${name}Response>`,
    );
  } catch (error) {
    if (!(error instanceof SnsError)) throw error;
    return toResponse(
      error.status,
      requestId,
      `<ErrorResponse ${XML_NAMESPACE}><Error><Type>Sender</Type><Code>${error.code}</Code>` +
        `<Message>${escapeXml(error.message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
    );
  }
}

function toResponse(status: number, requestId: string, body: string): QueryResponse {
  return { status, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }, body };
}
