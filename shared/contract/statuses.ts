/** Every status a request can have, with what it tells its caller. */
export const STATUSES = {
  queued: { terminal: false, meaning: 'Accepted and durable; waiting for its turn.' },
  running: { terminal: false, meaning: 'Claimed by a drain; a model call is under way or about to be.' },
  succeeded: { terminal: true, meaning: 'Answered by the model.' },
  failed: { terminal: true, meaning: 'Ended without an answer; `error` says why.' },
  canceled: { terminal: true, meaning: 'Stopped at the caller’s wish.' },
  expired: {
    terminal: true,
    meaning: 'Its deadline passed before a call of it began; one under way is finished.',
  },
} as const;

export type Status = keyof typeof STATUSES;
export type TerminalStatus = {
  [S in Status]: (typeof STATUSES)[S]['terminal'] extends true ? S : never;
}[Status];

export const STATUS_NAMES = Object.keys(STATUSES) as readonly Status[];

export const isTerminal = (status: Status): status is TerminalStatus => STATUSES[status].terminal;
