import type { Rule } from '../evidence.ts';
import { viewsOf } from '../request-views.ts';

/** No request of the load ends a process: whatever was killed was killed by somebody else. */
export const nobodyIsCondemned: Rule = (evidence) =>
  viewsOf(evidence).flatMap(({ requestId, planned, result }) =>
    result?.error?.code === 'crashed_drain'
      ? [{ rule: 'nobody_is_condemned', detail: `${planned?.customId} (${requestId}) is said to end drains` }]
      : [],
  );

/** How a request may end, by what was planned; each may also expire, or meet a service that kept failing. */
const MAY_END_AS = {
  served: ['succeeded'],
  rejected: ['model_rejected_request'],
  canceled: ['succeeded', 'canceled'],
} as const;

/** Bad requests and canceled ones end as such, and nobody else does. */
export const endsAsPlanned: Rule = (evidence) =>
  viewsOf(evidence).flatMap(({ planned, result }) => {
    if (planned === undefined || result === undefined) return [];
    const end = result.error?.code ?? result.status;
    const may: readonly string[] = [
      ...MAY_END_AS[planned.fate],
      'model_unavailable',
      'deadline_passed',
      // That has a rule of its own.
      'crashed_drain',
    ];
    return may.includes(end)
      ? []
      : [
          {
            rule: 'ends_as_planned',
            detail: `${planned.customId} was to be ${planned.fate}, and ended as ${end}`,
          },
        ];
  });

/** In the end nothing waits, and nobody is said to have anything waiting. */
export const countersAreAtRest: Rule = ({ counters }) =>
  Object.entries(counters).flatMap(([key, waiting]) =>
    waiting === 0
      ? []
      : [{ rule: 'counters_are_at_rest', detail: `${key} is ${waiting} after all has ended` }],
  );

/** A simulated token is four characters or so, and never ten. */
const MOST_CHARACTERS_A_TOKEN = 10;

/** However large, and wherever it was parked. */
export const promptsArriveWhole: Rule = (evidence) =>
  viewsOf(evidence).flatMap(({ planned, result }) => {
    const tokens = result?.usage?.input_tokens;
    if (planned === undefined || tokens === undefined) return [];
    const least = planned.fillerCharacters / MOST_CHARACTERS_A_TOKEN;
    return tokens >= least
      ? []
      : [
          {
            rule: 'prompts_arrive_whole',
            detail: `${planned.customId} has ${planned.fillerCharacters} characters, and its model read ${tokens} tokens`,
          },
        ];
  });

/** Only who is at his limit is turned away, and whoever comes again gets in. */
export const limitsGiveWay: Rule = ({ turnedAway, givenUp }) => [
  ...turnedAway
    .filter(({ waiting, mostWaiting }) => waiting < mostWaiting)
    .map(({ customId, waiting, mostWaiting }) => ({
      rule: 'limits_give_way',
      detail: `${customId} was turned away with ${waiting} of ${mostWaiting} waiting`,
    })),
  ...givenUp.map((customId) => ({ rule: 'limits_give_way', detail: `${customId} was never taken` })),
];
