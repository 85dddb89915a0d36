/** Undone in reverse, also when a later step of the start fails. */
export interface Opened {
  add(undo: () => Promise<void> | void): void;
  undoAll(): Promise<void>;
}

export const createOpened = (): Opened => {
  const undos: (() => Promise<void> | void)[] = [];
  return {
    add: (undo) => {
      undos.push(undo);
    },
    undoAll: async () => {
      for (const undo of undos.splice(0).reverse()) await undo();
    },
  };
};
