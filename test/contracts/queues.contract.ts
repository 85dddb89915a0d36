import type { OutgoingMessage, Queues, Receipt } from '../../shared/ports/queues.ts';
import type { Subject } from './subject.ts';

export interface QueuesSubject extends Subject<Queues> {
  /** An empty queue with a visibility of a minute. */
  readonly createQueue: () => Promise<string>;
}

const numbered = (count: number): readonly OutgoingMessage[] =>
  Array.from({ length: count }, (_, index) => ({ body: `message ${index}` }));

export const describeQueues = (name: string, open: () => Promise<QueuesSubject>): void => {
  describe(`${name} as queues`, () => {
    let subject: QueuesSubject;
    let port: Queues;
    let queue: string;

    beforeAll(async () => {
      subject = await open();
      port = subject.port;
    });

    beforeEach(async () => {
      queue = await subject.createQueue();
    });

    const receive = (max = 10, waitSeconds = 0) => subject.run(port.receive(queue, { max, waitSeconds }));

    const receiveAll = async (): Promise<readonly string[]> => {
      const bodies: string[] = [];
      for (let batch = await receive(); batch.length > 0; batch = await receive())
        bodies.push(...batch.map(({ body }) => body));
      return bodies;
    };

    const receiveReceipts = async (): Promise<readonly Receipt[]> =>
      (await receive()).map(({ receipt }) => ({ queue, receipt }));

    it('counts attributes as part of a message: one of the largest size has no room for them', async () => {
      const body = 'x'.repeat(1_048_576);
      expect(await port.send(queue, [{ body, attributes: { reason: 'r' } }])).toEqual(new Set([0]));
      expect(await port.send(queue, [{ body }])).toEqual(new Set());
    });

    it('gives what was sent, with an id and a receipt', async () => {
      expect(await port.send(queue, [{ body: 'hello' }])).toEqual(new Set());
      expect(await receive()).toEqual([
        {
          id: expect.stringMatching(/./),
          receipt: expect.stringMatching(/./),
          body: 'hello',
          sentAtMs: expect.any(Number),
        },
      ]);
    });

    it('counts what waits, not what somebody has received', async () => {
      expect(await subject.run(port.depth(queue))).toBe(0);
      await port.send(queue, numbered(3));
      expect(await subject.run(port.depth(queue))).toBe(3);
      await receive(1);
      expect(await subject.run(port.depth(queue))).toBe(2);
      expect(await subject.run(port.depth(queue, 'all'))).toBe(3);
    });

    it('sends more than the ten that one batch holds', async () => {
      expect(await port.send(queue, numbered(11))).toEqual(new Set());
      expect((await receiveAll()).toSorted()).toEqual(
        ['message 0', 'message 1', 'message 10', 'message 2', 'message 3', 'message 4', 'message 5'].concat([
          'message 6',
          'message 7',
          'message 8',
          'message 9',
        ]),
      );
    });

    it('sends together what is more than the megabyte that one batch holds', async () => {
      const bodies = ['a', 'b', 'c'].map((letter) => letter.repeat(500 * 1024));
      expect(
        await port.send(
          queue,
          bodies.map((body) => ({ body })),
        ),
      ).toEqual(new Set());
      expect((await receiveAll()).map((body) => [body[0], body.length]).toSorted()).toEqual([
        ['a', 512_000],
        ['b', 512_000],
        ['c', 512_000],
      ]);
    });

    it('counts bytes, not characters: emoji take four', async () => {
      const body = '🚦'.repeat(150 * 1024);
      expect(await port.send(queue, [{ body }, { body }])).toEqual(new Set());
      expect(await receiveAll()).toEqual([body, body]);
    });

    it('answers with the index of what was not taken, and takes the rest', async () => {
      const messages = [...numbered(11), { body: 'x'.repeat(1024 * 1024 + 1) }, { body: 'after it' }];
      const failed = await port.send(queue, messages);
      expect(failed).toEqual(new Set([11]));
      expect(await receiveAll()).toHaveLength(12);
    });

    it('takes the tenant along as message group, and tells it without a look at the body', async () => {
      expect(await port.send(queue, [{ body: 'grouped', groupId: 'tenant-a' }])).toEqual(new Set());
      expect(await receive()).toMatchObject([{ body: 'grouped', groupId: 'tenant-a' }]);
    });

    it('tells when a message was sent, also when it comes again', async () => {
      await port.send(queue, [{ body: 'first' }]);
      const [first] = await receive();
      await port.setVisibility([{ queue, receipt: first?.receipt ?? '' }], 0);
      const [again] = await receive();
      expect(first?.sentAtMs).toBeGreaterThan(0);
      expect(again?.sentAtMs).toBe(first?.sentAtMs);
    });

    it('keeps a message back for as long as its delay', async () => {
      expect(await port.send(queue, [{ body: 'later', delaySeconds: 1 }, { body: 'now' }])).toEqual(
        new Set(),
      );
      expect(await receiveAll()).toEqual(['now']);
      expect((await receive(10, 5)).map(({ body }) => body)).toEqual(['later']);
    });

    it('sends, removes and hides nothing when asked for nothing', async () => {
      expect(await port.send(queue, [])).toEqual(new Set());
      await port.remove([]);
      await port.setVisibility([], 30);
      expect(await receive()).toEqual([]);
    });

    it('gives at most as many as asked for', async () => {
      await port.send(queue, numbered(5));
      expect(await receive(2)).toHaveLength(2);
    });

    it('hides what was received', async () => {
      await port.send(queue, numbered(1));
      await receive();
      expect(await receive()).toEqual([]);
    });

    it('puts back at once with a visibility of zero', async () => {
      await port.send(queue, numbered(1));
      await port.setVisibility(await receiveReceipts(), 0);
      expect((await receive()).map(({ body }) => body)).toEqual(['message 0']);
    });

    it('shows a message again when its visibility ends, to a receive that waits for it', async () => {
      await port.send(queue, numbered(1));
      await port.setVisibility(await receiveReceipts(), 1);
      expect(await receive(10, 0)).toEqual([]);
      expect((await receive(10, 5)).map(({ body }) => body)).toEqual(['message 0']);
    });

    it('answers a receive that waits when something is sent meanwhile', async () => {
      const waiting = receive(10, 5);
      await port.send(queue, numbered(1));
      expect((await waiting).map(({ body }) => body)).toEqual(['message 0']);
    });

    it('removes more than the ten that one batch holds, from several queues', async () => {
      const other = await subject.createQueue();
      await port.send(queue, numbered(12));
      await port.send(other, numbered(1));
      const receipts = [...(await receiveReceipts()), ...(await receiveReceipts())];
      const [fromOther] = await subject.run(port.receive(other, { max: 1, waitSeconds: 0 }));
      const all = [...receipts, { queue: other, receipt: fromOther?.receipt ?? '' }];
      expect(receipts).toHaveLength(12);
      await port.remove(all);
      await port.setVisibility(all, 0);
      expect(await receive()).toEqual([]);
      expect(await subject.run(port.receive(other, { max: 1, waitSeconds: 0 }))).toEqual([]);
    });

    it('ignores receipts of what was removed', async () => {
      await port.send(queue, numbered(1));
      const receipts = await receiveReceipts();
      await port.remove(receipts);
      await port.remove(receipts);
      await port.setVisibility(receipts, 0);
      expect(await receive()).toEqual([]);
    });

    it('hides nothing by the receipt of an earlier delivery', async () => {
      await port.send(queue, numbered(1));
      const early = await receiveReceipts();
      await port.setVisibility(early, 0);
      const late = await receiveReceipts();
      await port.setVisibility(late, 0);
      await port.setVisibility(early, 60);
      expect(await receive()).toHaveLength(1);
    });
  });
};
