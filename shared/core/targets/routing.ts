import type { Capability } from '../../contract/targets.ts';

/** What decides where a request may go, beside its size. */
export interface Routing {
  readonly needs: readonly Capability[];
  /** When it was accepted: those that have waited long enough wait for no target in particular. */
  readonly sinceMs: number;
  /** Targets that can not answer it, as they have said. */
  readonly ruledOut: ReadonlySet<string>;
  /** Targets that failed it, the latest last: others are tried before them, and then those that did so longest ago. */
  readonly failedBy: readonly string[];
}
