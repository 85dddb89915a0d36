import type { TargetName } from './targets.ts';

export interface KnownDifference {
  readonly reason: string;
  /** Whether it shows depends on who comes first. */
  readonly isSometimes?: true;
}

const dynaliteLacks = (what: string): KnownDifference => ({ reason: `dynalite lacks ${what}` });
const motoTakes = (what: string): KnownDifference => ({ reason: `moto takes ${what} without complaint` });
const MOTO_MOVES: KnownDifference = { reason: 'moto has no move tasks, and answers with HTTP 500' };
const FAUXQS_ACTION: KnownDifference = { reason: 'fauxqs does not know the action' };
const FAUXQS_CODES: KnownDifference = {
  reason: 'fauxqs sends the error code of the older query protocol in the place of the name of the error',
};
const fauxqs = (reason: string): KnownDifference => ({ reason: `fauxqs ${reason}` });
const SWALLOWED: KnownDifference = {
  reason: 'gives the message to the poller that has gone, until its visibility timeout ends',
  isSometimes: true,
};

/** Where a cloud does not do what AWS does, by the sentence of the case, and why. */
export const KNOWN_DIFFERENCES: Readonly<Record<TargetName, Readonly<Record<string, KnownDifference>>>> = {
  ours: {
    'a failed condition tells what is there, when asked': dynaliteLacks(
      'ReturnValuesOnConditionCheckFailure',
    ),
    'a transaction writes all or nothing': dynaliteLacks('transactions, and says so'),
  },
  moto: {
    'a character that XML does not know is refused': motoTakes('any character'),
    'an empty body is refused': motoTakes('an empty body'),
    'a long poll that is aborted swallows nothing': SWALLOWED,
    'visibility of a message that is not in flight cannot be changed': motoTakes('any change of visibility'),
    'a message received too often goes to the dead-letter queue, and says where it came from': {
      reason: 'moto moves the message, but does not say from where',
    },
    'a move task takes messages back to where they came from': MOTO_MOVES,
    'a move task starts from a dead-letter queue only': MOTO_MOVES,
    'a move task that is not there cannot be cancelled': MOTO_MOVES,
    'attributes out of range are refused': motoTakes('any number as a queue attribute'),
    'unknown attributes are refused': motoTakes('any name of a queue attribute'),
    'queues are listed by prefix, in pages': { reason: 'moto gives all queues at once' },
    'an empty message is refused': motoTakes('an empty message'),
    'a wrong Content-MD5 is refused': motoTakes('any Content-MD5'),
    'a presigned URL expires': { reason: 'presigned URLs never expire' },
    'time to live is not switched on twice': motoTakes('a repeated UpdateTimeToLive'),
  },
  fauxqs: {
    'a message comes back as it was sent, emoji and all': fauxqs('refuses an emoji'),
    'a character that XML does not know is refused': FAUXQS_CODES,
    'message attributes come only when they are asked for, with a digest that the SDK verifies': fauxqs(
      'gives all message attributes to everybody',
    ),
    'the group of a message on a standard queue is kept and told': fauxqs('drops MessageGroupId'),
    'a long poll that is aborted swallows nothing': SWALLOWED,
    'visibility of a message that is not in flight cannot be changed': fauxqs(
      'takes any change of visibility',
    ),
    'a bad handle fails its entry of a DeleteMessageBatch, and no other': fauxqs(
      'reports the deletion of a bad handle as a success',
    ),
    'a message of 1 MiB is taken, and one byte more is refused': FAUXQS_CODES,
    'a message received too often goes to the dead-letter queue, and says where it came from': fauxqs(
      'does not say from where a dead letter comes',
    ),
    'the sources of a dead-letter queue are listed': FAUXQS_ACTION,
    'a move task takes messages back to where they came from': FAUXQS_ACTION,
    'a move task starts from a dead-letter queue only': FAUXQS_ACTION,
    'a move task that is not there cannot be cancelled': FAUXQS_ACTION,
    'CreateQueue again with the same attributes is no error, with others it is': FAUXQS_CODES,
    'attributes out of range are refused': FAUXQS_CODES,
    'unknown attributes are refused': fauxqs('takes any name of a queue attribute'),
    'queues are listed by prefix, in pages': fauxqs('gives the same page again'),
    'a structured message is told to each protocol in its own text': fauxqs('does not know MessageStructure'),
    'a batch of eleven is refused': fauxqs('publishes a batch of any size'),
    'If-None-Match * does not overwrite': fauxqs('ignores the conditions of a write'),
    'If-Match writes over what it names, and over nothing else': fauxqs('ignores the conditions of a write'),
    'a wrong Content-MD5 is refused': fauxqs('takes any Content-MD5'),
    'keys are listed in the order of their bytes, in pages, with prefixes rolled up': fauxqs(
      'lists keys in the order of a language',
    ),
    'a presigned URL expires': { reason: 'presigned URLs never expire' },
  },
};
