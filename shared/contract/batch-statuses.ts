/** Every status a batch can have, with what it tells its caller. */
export const BATCH_STATUSES = {
  awaiting_upload: { over: false, meaning: 'Waits for its upload, and to be started.' },
  validating: { over: false, meaning: 'Every line of the upload is being checked; nothing is accepted yet.' },
  in_progress: { over: false, meaning: 'Accepted: every request of it will end.' },
  canceling: {
    over: false,
    meaning:
      'Canceled; what runs is stopped within seconds, unless it is answered first; what waits ends as `canceled`.',
  },
  ended: { over: true, meaning: 'Every request of it has ended.' },
  failed: { over: true, meaning: 'The upload had faults; `error` names them, and nothing was accepted.' },
} as const;

export type BatchStatus = keyof typeof BATCH_STATUSES;

export const BATCH_STATUS_NAMES = Object.keys(BATCH_STATUSES) as readonly BatchStatus[];

export const isOver = (status: BatchStatus): boolean => BATCH_STATUSES[status].over;
