import type { ControlChange } from '../../contract/controls.ts';
import type { ControlStore } from '../../ports/control-store.ts';

export interface ChangesPage {
  readonly changes: readonly ControlChange[];
  /** To go on from; nothing on the last page. */
  readonly next: number | undefined;
}

/** Latest first: the last change lies with what it made, those before it in the list. */
export const createListChanges =
  ({ controls: store }: { readonly controls: ControlStore }) =>
  async (before: number | undefined, most: number): Promise<ChangesPage> => {
    const { last_change: last } = await store.read();
    const isIn = last !== null && (before === undefined || last.version < before);
    const upTo = before ?? Number.MAX_SAFE_INTEGER;
    const earlier = await store.changes(isIn ? last.version : Math.min(upTo, 9_999_999_999), most);
    const all = isIn ? [last, ...earlier] : earlier;
    const changes = all.slice(0, most);
    const oldest = changes.at(-1);
    return {
      changes,
      next: all.length >= most && oldest !== undefined && oldest.version > 1 ? oldest.version : undefined,
    };
  };
