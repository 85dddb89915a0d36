/** What the reconciler may find that should not exist; the dimension of its figure. */
export const DAMAGES = {
  queued_too_long: {
    isLoss: true,
    meaning: 'a request that waits an hour after its deadline: its lane message is lost, or nobody drains',
  },
  running_without_attempt: {
    isLoss: true,
    meaning: 'a request that is said to run an hour after its attempt was certainly over',
  },
  batch_not_split: {
    isLoss: true,
    meaning: 'a batch of which requests are not held yet, and no message for the splitter is anywhere',
  },
  batch_miscounted: {
    isLoss: false,
    meaning:
      'a request of a batch that has ended and is not counted there, or a batch that is full and not over',
  },
  tenant_miscounted: {
    isLoss: false,
    meaning: 'a count of waiting requests other than zero in a pool in which nothing waits',
  },
} as const satisfies Record<string, { readonly isLoss: boolean; readonly meaning: string }>;

export type Damage = keyof typeof DAMAGES;

export const DAMAGE_NAMES = Object.keys(DAMAGES) as readonly Damage[];

/** Those that mean that something of an accepted request was lost on its way. */
export const LOSSES = DAMAGE_NAMES.filter((damage) => DAMAGES[damage].isLoss);
