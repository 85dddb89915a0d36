import type { Rule } from '../evidence.ts';

/** Dead letters of what failed for now are meant to stay; of everything else nothing may. */
const MAY_STAY = /^(dead-letter-|results$|wake)/;

/** In the end nothing waits anywhere. */
export const nothingIsLeft: Rule = ({ left }) =>
  Object.entries(left).flatMap(([queue, messages]) =>
    messages === 0 || MAY_STAY.test(queue)
      ? []
      : [{ rule: 'nothing_is_left', detail: `${messages} messages are left in ${queue}` }],
  );

export const nothingEndsByItself: Rule = ({ unexpectedEnds }) =>
  unexpectedEnds.map((detail) => ({ rule: 'nothing_ends_by_itself', detail }));
