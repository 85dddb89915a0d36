import { parseRecord, toBatchResponse } from '../../functions/runtime/sqs-batch.ts';
import { eventOf, recordOf } from './sqs-events.ts';

describe('sqs-batch', () => {
  it('lets only those come again that are not done', () => {
    expect(toBatchResponse(eventOf({}, {}, {}), ['done', 'again', 'done'])).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm-1' }],
    });
  });

  it('takes a missing outcome for a failure', () => {
    expect(toBatchResponse(eventOf({}, {}), ['done'])).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm-1' }],
    });
    expect(toBatchResponse(eventOf({}, {}), [undefined, 'done'])).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm-0' }],
    });
  });

  it('reports nothing when all is done', () => {
    expect(toBatchResponse(eventOf({}), ['done'])).toEqual({ batchItemFailures: [] });
  });

  it.each([
    ['{"a":1}', { a: 1 }],
    ['null', null],
    ['"text"', 'text'],
  ])('parses %s', (body, value) => {
    expect(parseRecord(recordOf('m-1', body))).toMatchObject({ kind: 'parsed', body: value });
  });

  it.each(['', '{', 'hello', '{"a":1}x'])('finds %j unreadable', (body) => {
    expect(parseRecord(recordOf('m-1', body)).kind).toBe('unreadable');
  });
});
