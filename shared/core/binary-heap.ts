/** The least first. */
export interface BinaryHeap<T> {
  push(item: T): void;
  pop(): T | undefined;
  peek(): T | undefined;
  size(): number;
  /** In no order. */
  items(): readonly T[];
}

export const createBinaryHeap = <T>(isBefore: (one: T, other: T) => boolean): BinaryHeap<T> => {
  const items: T[] = [];

  const rise = (start: number): void => {
    let index = start;
    const item = items[index] as T;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = items[parent] as T;
      if (!isBefore(item, above)) break;
      items[index] = above;
      index = parent;
    }
    items[index] = item;
  };

  const sink = (item: T): void => {
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      if (left >= items.length) break;
      const right = left + 1;
      const child = right < items.length && isBefore(items[right] as T, items[left] as T) ? right : left;
      const below = items[child] as T;
      if (!isBefore(below, item)) break;
      items[index] = below;
      index = child;
    }
    items[index] = item;
  };

  return {
    push: (item) => {
      items.push(item);
      rise(items.length - 1);
    },
    pop: () => {
      const least = items[0];
      const last = items.pop();
      if (items.length > 0 && last !== undefined) sink(last);
      return least;
    },
    peek: () => items[0],
    size: () => items.length,
    items: () => items,
  };
};
