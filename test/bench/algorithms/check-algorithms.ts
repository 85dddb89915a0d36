import type { Measured } from './measure.ts';
import type { AlgorithmsReport } from './run-algorithms.ts';
import { smoother } from './smoother.ts';

/** What is counted by requests and calls holds for any traffic. */
const faultsOf = (measured: Measured): readonly string[] => {
  const { requests, answered, lost, unfinished, sent_twice, calls_per_request, throttled_percent } = measured;
  return [
    ...(answered === requests ? [] : [`answered ${answered} of ${requests}`]),
    ...(lost + unfinished === 0 ? [] : [`lost ${lost} and did not finish ${unfinished}`]),
    ...(sent_twice === 0 ? [] : [`sent ${sent_twice} twice`]),
    ...(calls_per_request <= 1.02 ? [] : [`made ${calls_per_request} calls a request, at most 1.02`]),
    ...(throttled_percent <= 0.2 ? [] : [`was refused ${throttled_percent} % of its calls, at most 0.2`]),
  ];
};

/** These need a traffic as long as the published one. */
const slowFaultsOf = ({ use_percent, last_sent_of_bound, waits }: Measured): readonly string[] => [
  ...(use_percent >= 97 ? [] : [`used ${use_percent} % of the quota, at least 97`]),
  ...(last_sent_of_bound <= 1.05 ? [] : [`was done after ${last_sent_of_bound} of the bound, at most 1.05`]),
  ...(waits.high.p99_seconds <= 1 ? [] : [`let high requests wait ${waits.high.p99_seconds} s, at most 1`]),
];

/** For anybody: each request has ended in one way. */
const sumFaultsOf = ({ requests, answered, lost, unfinished }: Measured): readonly string[] =>
  answered + lost + unfinished === requests ? [] : [`told of ${answered + lost + unfinished} of ${requests}`];

/** What is wrong with a run; empty when it may be published. */
export const checkAlgorithms = ({ workloads, scale }: AlgorithmsReport): readonly string[] =>
  workloads.flatMap(({ workload, measured }) =>
    measured.flatMap((each) => {
      const own =
        each.contender === smoother.name
          ? [...faultsOf(each), ...(scale >= 1 ? slowFaultsOf(each) : [])]
          : [];
      return [...sumFaultsOf(each), ...own].map((fault) => `${workload}: ${each.contender} ${fault}`);
    }),
  );
