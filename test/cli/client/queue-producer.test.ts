import { type QueueEntry, sendToQueue } from '../../../cli/client/queue-producer.ts';

const recorder = (failing: readonly (readonly string[])[] = []) => {
  const sent: QueueEntry[][] = [];
  const left = [...failing];
  const send = async (entries: readonly QueueEntry[]) => {
    sent.push([...entries]);
    return { Failed: (left.shift() ?? []).map((Id) => ({ Id })) };
  };
  return { sent, send };
};

const noPause = async (): Promise<void> => {};

describe('the queue producer', () => {
  it('sends ten at a time, with the key that makes a repetition harmless', async () => {
    const { sent, send } = recorder();
    await sendToQueue(
      Array.from({ length: 12 }, (_, index) => ({ custom_id: `c${index}`, prompt: 'x' })),
      send,
      noPause,
    );
    expect(sent.map((entries) => entries.length)).toEqual([10, 2]);
    expect(sent[1]?.[1]).toEqual({
      Id: '11',
      MessageBody: '{"idempotency_key":"c11","custom_id":"c11","prompt":"x"}',
    });
  });

  it('never sends more than a megabyte at once', async () => {
    const { sent, send } = recorder();
    await sendToQueue(
      Array.from({ length: 3 }, (_, index) => ({ custom_id: `c${index}`, prompt: 'ü'.repeat(250_000) })),
      send,
      noPause,
    );
    expect(sent.map((entries) => entries.length)).toEqual([2, 1]);
  });

  it('tries again only what was not taken, with the same key', async () => {
    const { sent, send } = recorder([['1', '2'], ['2']]);
    await sendToQueue(
      [{ prompt: 'a' }, { prompt: 'b' }, { prompt: 'c', idempotency_key: 'k' }],
      send,
      noPause,
    );
    expect(sent.map((entries) => entries.map(({ Id }) => Id))).toEqual([['0', '1', '2'], ['1', '2'], ['2']]);
    expect(sent[1]?.[0]?.MessageBody).toBe(sent[0]?.[1]?.MessageBody);
    expect(JSON.parse(sent[2]?.[0]?.MessageBody ?? '')).toEqual({ prompt: 'c', idempotency_key: 'k' });
  });

  it('gives up in the end, and says how many are left', async () => {
    const { send } = recorder(Array.from({ length: 5 }, () => ['0']));
    await expect(sendToQueue([{ prompt: 'a' }], send, noPause)).rejects.toThrow(
      '1 of 1 requests were not taken by the queue',
    );
  });

  it('escapes what SQS would refuse', async () => {
    const { sent, send } = recorder();
    await sendToQueue([{ custom_id: 'c', prompt: 'a\uffffb' }], send, noPause);
    expect(sent[0]?.[0]?.MessageBody).toContain('a\\uffffb');
  });
});
