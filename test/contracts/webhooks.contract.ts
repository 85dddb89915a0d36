import type { DeliveryLog } from '../../shared/ports/delivery-log.ts';
import type { WebhookSecretStore } from '../../shared/ports/webhook-secrets.ts';
import { completionEvent, deliveryOf, eventId } from './events.ts';
import type { Subject } from './subject.ts';

const UNTIL_SECONDS = 4_000_000_000;

export const describeDeliveryLog = (name: string, open: () => Promise<Subject<DeliveryLog>>): void => {
  describe(`${name} as the log of deliveries`, () => {
    it('keeps each of a tenant once, the last event first, page by page', async () => {
      const { port } = await open();
      const [first, second, third] = [1, 2, 3].map((number) => deliveryOf(completionEvent(number)));
      if (first === undefined || second === undefined || third === undefined) throw new Error('three');
      const other = deliveryOf(completionEvent(4, { tenant: 'other' }));
      for (const delivery of [second, first, third, other]) await port.keep(delivery, UNTIL_SECONDS);
      const told = { ...second, status: 'delivered', next_attempt_at: null, last_fault: null } as const;
      await port.keep(told, UNTIL_SECONDS);
      expect(await port.list('acme', undefined, 2)).toEqual([third, told]);
      expect(await port.list('acme', eventId(2), 2)).toEqual([first]);
      expect(await port.read('acme', eventId(2))).toEqual(told);
      expect(await port.read('other', eventId(2))).toBeUndefined();
      expect(await port.list('nobody', undefined, 2)).toEqual([]);
    });
  });
};

export const describeWebhookSecrets = (
  name: string,
  open: () => Promise<Subject<WebhookSecretStore>>,
): void => {
  describe(`${name} as the store of webhook secrets`, () => {
    it('takes one only in place of the one that is known', async () => {
      const { port } = await open();
      expect(await port.read('acme')).toBeUndefined();
      expect(await port.replace('acme', { current: 'one' }, 'none')).toBe(false);
      expect(await port.replace('acme', { current: 'one' }, undefined)).toBe(true);
      expect(await port.replace('acme', { current: 'two' }, undefined)).toBe(false);
      expect(await port.read('acme')).toEqual({ current: 'one' });
      const next = { current: 'three', previous: { secret: 'one', untilMs: 5 } };
      expect(await port.replace('acme', next, 'one')).toBe(true);
      expect(await port.read('acme')).toEqual(next);
      expect(await port.read('other')).toBeUndefined();
    });
  });
};
