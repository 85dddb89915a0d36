import type { RequestItem } from '../../contract/request-item.ts';
import { heldWithoutText } from '../../core/hold-request.ts';
import { toLaneBody } from '../../core/lane-message.ts';
import type { OutgoingMessage, Queues } from '../../ports/queues.ts';

/** All that a queue needs of a reopened request; its text lies in the bucket. */
export const toReopenedMessage = (item: RequestItem): OutgoingMessage => ({
  body: toLaneBody(heldWithoutText(item)),
  groupId: item.tenant,
});

/** Whether the queue took it. Sent twice it does no harm: the claim tells. */
export const sendReopened = async (
  item: RequestItem,
  queue: string,
  { queues }: { readonly queues: Queues },
): Promise<boolean> => (await queues.send(queue, [toReopenedMessage(item)])).size === 0;
