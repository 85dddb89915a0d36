/** What the command ends with. */
export const EXIT_CODES = {
  ok: 0,
  /** Also what should not have happened. */
  someFailed: 1,
  /** What only the user can mend: an option, a file, a port, an API that does not answer. */
  usage: 2,
  /** Requests with faults, and whatever the API refuses. */
  refused: 3,
  interrupted: 130,
} as const;
