import type { Evidence, Rule, Violation } from './evidence.ts';
import {
  acknowledgedAreAnswered,
  answersAreTheirOwn,
  expiredNotBefore,
  nothingIsRefused,
  oneEnd,
  oneKeyOneRequest,
  othersAreNotShown,
  startedAreEnded,
} from './rules/answers.ts';
import { callsAreAttempts, noTwoCallsAtOnce } from './rules/calls.ts';
import {
  countersAreAtRest,
  endsAsPlanned,
  limitsGiveWay,
  nobodyIsCondemned,
  promptsArriveWhole,
} from './rules/care.ts';
import { nothingEndsByItself, nothingIsLeft } from './rules/rest.ts';
import { countsSum, ledgerIsSumOfResults } from './rules/sums.ts';

/** What a run must prove, by the name that a violation carries. */
export const RULES = {
  acknowledged_are_answered: acknowledgedAreAnswered,
  started_are_ended: startedAreEnded,
  one_end: oneEnd,
  answers_are_their_own: answersAreTheirOwn,
  one_key_one_request: oneKeyOneRequest,
  others_are_not_shown: othersAreNotShown,
  nothing_is_refused: nothingIsRefused,
  expired_not_before: expiredNotBefore,
  calls_are_attempts: callsAreAttempts,
  no_two_calls_at_once: noTwoCallsAtOnce,
  counts_sum: countsSum,
  ledger_is_sum_of_results: ledgerIsSumOfResults,
  nothing_is_left: nothingIsLeft,
  nothing_ends_by_itself: nothingEndsByItself,
  nobody_is_condemned: nobodyIsCondemned,
  ends_as_planned: endsAsPlanned,
  counters_are_at_rest: countersAreAtRest,
  prompts_arrive_whole: promptsArriveWhole,
  limits_give_way: limitsGiveWay,
} as const satisfies Readonly<Record<string, Rule>>;

export const checkEvidence = (evidence: Evidence): readonly Violation[] =>
  Object.values(RULES).flatMap((rule) => rule(evidence));
