import { isTerminal } from '../contract/statuses.ts';
import { ownedBy } from '../core/identity/owned-by.ts';
import { hasLapsed } from '../core/to-view.ts';
import type { Completions } from '../ports/completions.ts';
import type { PoolBoard } from '../ports/pool-board.ts';
import { cancelQueued } from './cancel-queued.ts';
import type { SettleDeps } from './drain/settle-deps.ts';
import type { ReadDeps, Reading } from './read-request.ts';
import { toReading } from './read-request.ts';

export interface CancelDeps extends SettleDeps, ReadDeps {
  readonly board: PoolBoard;
  /** Of this process, where requests are also waited for. */
  readonly completions?: Completions;
}

export interface CancelInput {
  readonly requestId: string;
  readonly tenant: string;
}

/**
 * As the request is afterwards: ended, by this or before; or still running, with its owner asked to stop it, which
 * happens within seconds, unless it is answered first.
 */
export type Cancellation =
  | Reading
  /** Too many are being stopped already: it is to be asked again. */
  | { readonly kind: 'busy' };

/** Stops a request of the caller's own tenant; of others' it does not exist. */
export const createCancelRequest =
  (deps: CancelDeps) =>
  async ({ requestId, tenant }: CancelInput): Promise<Cancellation> => {
    const item = ownedBy(tenant, await deps.requests.read(requestId));
    if (item === undefined) return { kind: 'not_found' };
    // What its readers were told has expired is not told to be canceled after that.
    if (isTerminal(item.status) || hasLapsed(item, deps.clock.nowMs())) return toReading(item, deps);
    const asked =
      (await cancelQueued(item, deps)) !== 'running' ||
      (await deps.board.askToCancel(item.pool, requestId, deps.clock.nowMs()));
    if (!asked) return { kind: 'busy' };
    deps.completions?.ended([requestId]);
    const after = await deps.requests.read(requestId);
    return after === undefined ? { kind: 'not_found' } : toReading(after, deps);
  };
