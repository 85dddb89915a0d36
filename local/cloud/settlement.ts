/** A promise, to be settled from outside. */
export interface Settlement {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const ignore = () => {};

export function createSettlement(): Settlement {
  let resolve = ignore;
  let reject: (error: unknown) => void = ignore;
  const promise = new Promise<void>((onDone, onFailed) => {
    resolve = onDone;
    reject = onFailed;
  });
  // A write nobody waits for may fail: the next one that is waited for fails as well and reports it.
  promise.catch(ignore);
  return { promise, resolve, reject };
}
