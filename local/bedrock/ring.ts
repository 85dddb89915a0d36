/** The last `capacity` items, oldest first. */
export interface Ring<Item> {
  readonly push: (item: Item) => void;
  readonly items: () => Item[];
}

export function createRing<Item>(capacity: number): Ring<Item> {
  const slots: Item[] = [];
  let pushed = 0;
  return {
    push: (item) => {
      slots[pushed % capacity] = item;
      pushed += 1;
    },
    items: () => {
      const oldest = pushed > capacity ? pushed % capacity : 0;
      return [...slots.slice(oldest), ...slots.slice(0, oldest)];
    },
  };
}
