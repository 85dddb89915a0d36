import type { Problem } from '../../shared/contract/problem.ts';
import type { RedriveAnswer, RedriveOrder } from '../../shared/contract/redrive.ts';
import type { ApiClient } from '../api-client.ts';
import { answered } from '../refused.ts';

export interface RedriveTotals {
  readonly dry_run: boolean;
  readonly redrive_ids: readonly string[];
  readonly matched: number;
  readonly reopened: number;
  readonly sent_again: number;
  readonly letters_removed: number;
  readonly faults: readonly Problem[];
}

const NOTHING: RedriveTotals = {
  dry_run: false,
  redrive_ids: [],
  matched: 0,
  reopened: 0,
  sent_again: 0,
  letters_removed: 0,
  faults: [],
};

const add = (totals: RedriveTotals, answer: RedriveAnswer): RedriveTotals => ({
  dry_run: answer.dry_run,
  redrive_ids: [...totals.redrive_ids, ...(answer.redrive_id === null ? [] : [answer.redrive_id])],
  matched: totals.matched + answer.matched,
  reopened: totals.reopened + answer.reopened,
  sent_again: totals.sent_again + answer.sent_again,
  letters_removed: totals.letters_removed + answer.letters_removed,
  faults: [...totals.faults, ...answer.faults],
});

/** Page after page, until all were looked at. */
export const redrivePages = async (
  client: ApiClient,
  order: Partial<RedriveOrder>,
  onPage: (totals: RedriveTotals) => void,
): Promise<RedriveTotals> => {
  let totals = NOTHING;
  let cursor: string | null = null;
  do {
    const json: Partial<RedriveOrder> = cursor === null ? order : { ...order, cursor };
    const answer: RedriveAnswer = answered(
      await client.call<RedriveAnswer>({ method: 'POST', path: '/v1/dead-letters/redrive', json }),
    );
    totals = add(totals, answer);
    cursor = answer.next_cursor;
    if (cursor !== null) onPage(totals);
  } while (cursor !== null);
  return totals;
};
