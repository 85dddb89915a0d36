import type { Priority } from '../../contract/priorities.ts';
import type { Permission, SchedulerSnapshot } from '../governor/governor.ts';

export interface Schedulable {
  readonly id: string;
  readonly priority: Priority;
}

/** Whether the governor lets a request go now, asked for in the name of a class: a guaranteed share is served as if it had the class it goes before. */
export type Fits<R> = (request: R, as: Priority) => Permission;

export interface Picked<R> {
  readonly request: R;
  readonly as: Priority;
  /** The governor's answer for it: send it, or wait so long and pick again. */
  readonly permission: Permission;
}

/** What is to be held, or let go again. */
export type Pausable = { readonly tenant: string } | { readonly priority: Priority };

/**
 * Which waiting request is next. Time is passed in; nothing here waits.
 *
 *     const picked = scheduler.pick(nowMs, (request, as) => governor.mayGo({ ...planned(request), priority: as }, nowMs));
 *     if (picked === undefined || !picked.permission.go) wait
 *     else { sent = governor.sent(…); scheduler.remove(picked.request) }
 *     … scheduler.settled(request, governor.answered(sent, usage, nowMs))   or   scheduler.putBack(request, nowMs)
 */
export interface Scheduler<R extends Schedulable> {
  add(request: R, nowMs: number): void;
  /** Before all others of its class: it has waited its turn already. */
  putBack(request: R, nowMs: number): void;
  /** The next in order, whether it fits or not. */
  peek(nowMs: number): R | undefined;
  /** The next that fits; when none does, the next in order with what it waits for. */
  pick(nowMs: number, fits: Fits<R>): Picked<R> | undefined;
  /** It goes: its tenant is charged what it is expected to cost. */
  remove(request: R): void;
  /** It has ended, and cost so many quota tokens: none if it never ran. */
  settled(request: R, tokens: number): void;
  /** Those that waited beyond their deadline: taken out, to be ended without a call. */
  takeExpired(nowMs: number): readonly R[];
  /** What is paused waits, and takes its places, until it is resumed. */
  setPaused(what: Pausable, paused: boolean): void;
  staged(): Readonly<Record<Priority, number>>;
  /** Everything that waits, leaving nothing behind. */
  drain(): readonly R[];
  /** What fairness needs to go on under another owner; at most 1.5 KB as JSON. */
  snapshot(): SchedulerSnapshot;
}
