import type { Context } from 'aws-lambda';
import { createReconcile, type ReconcileOutcome } from '../../shared/flows/reconcile/reconcile-table.ts';
import { composeReconciler, type Host } from '../runtime/compose.ts';
import { processEnvironment } from '../runtime/environment.ts';

export type ReconcilerHandler = (event: unknown, context: Context) => Promise<ReconcileOutcome>;

/** One look at the next part of the table, by the clock: the event says nothing. */
export const createHandler =
  (host: Host): ReconcilerHandler =>
  async (_event, context) => {
    const { deps, close } = composeReconciler(host);
    try {
      const outcome = await createReconcile(deps)({ remainingMs: () => context.getRemainingTimeInMillis() });
      deps.telemetry.log('info', 'table_reconciled', { outcome });
      return outcome;
    } finally {
      deps.telemetry.flush();
      close();
    }
  };

export const handler: ReconcilerHandler = (event, context) =>
  createHandler({ env: processEnvironment() })(event, context);
