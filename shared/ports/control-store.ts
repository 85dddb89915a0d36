import type { ControlChange, Controls } from '../contract/controls.ts';

/** What operators have set, and the list of their changes. */
export interface ControlStore {
  /** Nothing set reads as that. Strongly consistent. */
  read(): Promise<Controls>;
  /** False when somebody else has changed them since `seen`. Keeps the change that `seen` knows of in the list first. */
  write(next: Controls, seen: Controls): Promise<boolean>;
  /** Latest first, those before `beforeVersion`, so many at most; without the one that the controls hold themselves. */
  changes(beforeVersion: number, most: number): Promise<readonly ControlChange[]>;
}
