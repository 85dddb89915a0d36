/** A lease lives this long after the heartbeat that renewed it. */
export const LEASE_MS = 10_000;
export const HEARTBEAT_MS = 3_000;
/** While one owner follows another, so that they overlap for a moment only. */
export const MOVING_HEARTBEAT_MS = 500;
/** How long after a take-over that is. */
export const MOVE_MS = 10_000;
/** How often an owner that has lost its lease tells what it still has under way, and its successor looks. */
export const REPORT_MS = 1_000;
/** No claim this close to the end of the lease, by a clock that does not jump. */
export const CLAIM_MARGIN_MS = 2_000;
/** Longest receive while there is work: what arrives in another lane waits no longer than this. */
export const RECEIVE_WAIT_SECONDS = 2;
/** Lane messages in hand are hidden again after this long; their visibility is 60 s. */
export const EXTEND_EVERY_MS = 20_000;
export const HIDE_SECONDS = 60;
/** What waits so long for its next attempt is `queued` again in the store. */
export const TELL_WAITING_AFTER_MS = 5_000;
/** Results are settled together: after so long, or so many. */
export const FLUSH_MS = 500;
export const FLUSH_RESULTS = 100;
/** A flush waits for several stores in turn; others go on meanwhile. */
export const FLUSHES_AT_ONCE = 4;
/** Before the function ends it stops claiming, with time to put back what it holds. */
export const STOP_BEFORE_END_MS = 40_000;
/** No call is alive this close to the end of the function: the last results are settled then. */
export const SETTLE_BEFORE_END_MS = 8_000;
/** What could not be written down is tried again after so long. */
export const SETTLE_AGAIN_MS = 2_000;
/** Lane messages wait so long for a ledger that does not answer. */
export const LEDGER_PATIENCE_MS = 60_000;
/** Results that are not written down this close to the end of the function come again from their lanes. */
export const GIVE_UP_BEFORE_END_MS = 3_000;
