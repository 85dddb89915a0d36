import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { FaultyService, StoreFault } from './store-faults.ts';

interface Answer {
  readonly status: number;
  readonly code: string;
}

/** As each service says it: clients know by these whether to try again. */
const ANSWERS: Readonly<Record<FaultyService, Readonly<Record<'throttled' | 'unavailable', Answer>>>> = {
  dynamodb: {
    throttled: {
      status: 400,
      code: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
    },
    unavailable: { status: 500, code: 'com.amazonaws.dynamodb.v20120810#InternalServerError' },
  },
  sqs: {
    throttled: { status: 403, code: 'com.amazonaws.sqs#RequestThrottled' },
    unavailable: { status: 503, code: 'com.amazon.coral.service#ServiceUnavailableException' },
  },
  s3: {
    throttled: { status: 503, code: 'SlowDown' },
    unavailable: { status: 500, code: 'InternalError' },
  },
};

const MESSAGE = 'As was asked for at /_cloud/faults.';

const refuse = (service: FaultyService, { status, code }: Answer, response: ServerResponse): void => {
  if (service === 's3') {
    response.writeHead(status, { 'content-type': 'application/xml', 'x-amz-request-id': randomUUID() });
    response.end(
      `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${MESSAGE}</Message></Error>`,
    );
    return;
  }
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.0',
    'x-amzn-requestid': randomUUID(),
  });
  response.end(JSON.stringify({ __type: code, message: MESSAGE }));
};

/** Whatever is answered from now on, the caller only sees its connection end. */
const loseAnswer = (response: ServerResponse): void => {
  const lost = (): ServerResponse => response.destroy();
  Object.assign(response, { writeHead: () => response, write: () => true, end: lost });
};

/** True when there is nothing more to be done for this call. */
export const meetFault = (service: FaultyService, fault: StoreFault, response: ServerResponse): boolean => {
  switch (fault) {
    case 'lost_answer':
      loseAnswer(response);
      return false;
    case 'silent':
      return true;
    case 'throttled':
    case 'unavailable':
      refuse(service, ANSWERS[service][fault], response);
      return true;
  }
};
