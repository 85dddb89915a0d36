import { createProblem } from '../../shared/contract/problem.ts';
import type { Result } from '../../shared/contract/request.ts';
import { checkEvidence, RULES } from './check.ts';
import type { Evidence } from './evidence.ts';
import { callOf, plannedOf, resultOf, soundEvidence } from './sound-evidence.ts';

type Doctored = readonly [
  name: string,
  rules: readonly (keyof typeof RULES)[],
  (sound: Evidence) => Evidence,
];

const second = (changes: Parameters<typeof resultOf>[1]) =>
  resultOf(1, { tenant: 'ants', attempts: 2, ...changes });

/** One request ended otherwise, and all tell so; its tokens stay what the ledger counts. */
const everywhere = (sound: Evidence, requestId: string, changes: Partial<Result>): Evidence => {
  const change = <T extends { readonly request_id: string | null }>(result: T): T =>
    result.request_id === requestId ? { ...result, ...changes } : result;
  return {
    ...sound,
    notifications: sound.notifications.map(change),
    answers: sound.answers.map((answer) =>
      answer.requestId === requestId ? { ...answer, body: change(answer.body as Result) } : answer,
    ),
    stored: sound.stored.map((line) => ({ ...line, result: change(line.result) })),
    ledger: sound.ledger.map((item) => ({ ...item, outcomes: { succeeded: 1, expired: 1, failed: 1 } })),
  };
};

const DOCTORED: readonly Doctored[] = [
  [
    'an accepted request that never ends',
    ['acknowledged_are_answered', 'started_are_ended', 'counts_sum', 'ledger_is_sum_of_results'],
    (sound) => ({ ...sound, answers: sound.answers.slice(1) }),
  ],
  [
    'an accepted request that is still running',
    ['acknowledged_are_answered', 'started_are_ended', 'counts_sum', 'ledger_is_sum_of_results'],
    (sound) => ({
      ...sound,
      answers: [
        { requestId: 'req_0', status: 200, body: { ...resultOf(0), status: 'running' } },
        ...sound.answers.slice(1),
      ],
    }),
  ],
  [
    'a sent message that nobody ever heard of again',
    ['acknowledged_are_answered'],
    (sound) => ({
      ...sound,
      planned: [...sound.planned, plannedOf(3, { door: 'queue' })],
      acknowledged: [...sound.acknowledged, { customId: 'c-7-3', door: 'queue' }],
    }),
  ],
  [
    'an end without a message on the results queue',
    ['acknowledged_are_answered'],
    (sound) => ({
      ...sound,
      notifications: sound.notifications.filter(({ request_id }) => request_id !== 'req_0'),
    }),
  ],
  [
    'an end without a result in the bucket',
    ['acknowledged_are_answered', 'one_end', 'ledger_is_sum_of_results'],
    (sound) => ({ ...sound, stored: sound.stored.slice(1) }),
  ],
  [
    'a request that was accepted without a word, and forgotten',
    ['started_are_ended', 'ledger_is_sum_of_results'],
    (sound) => ({
      ...sound,
      planned: [...sound.planned, plannedOf(3)],
      stored: [...sound.stored, { key: sound.stored[0]?.key ?? '', result: resultOf(3) }],
    }),
  ],
  [
    'two ends told on the results queue',
    ['one_end'],
    (sound) => ({ ...sound, notifications: [...sound.notifications, resultOf(0, { attempts: 2 })] }),
  ],
  [
    'an end at the API that is not the one in the bucket',
    ['one_end', 'ledger_is_sum_of_results'],
    (sound) => ({
      ...sound,
      stored: sound.stored.map((line, index) =>
        index === 0 ? { ...line, result: resultOf(0, { stop_reason: 'max_tokens' }) } : line,
      ),
    }),
  ],
  [
    'the answer to somebody else’s prompt',
    ['answers_are_their_own'],
    (sound) => ({
      ...sound,
      notifications: [...sound.notifications.slice(0, 3)].map((result) =>
        result.request_id === 'req_1' ? second({ content: 'echo: chaos c-7-0 and so on' }) : result,
      ),
      stored: sound.stored.map((line, index) =>
        index === 1 ? { ...line, result: second({ content: 'echo: chaos c-7-0 and so on' }) } : line,
      ),
    }),
  ],
  [
    'a result under another tenant’s name',
    ['answers_are_their_own', 'one_end'],
    (sound) => ({ ...sound, notifications: [...sound.notifications, second({ tenant: 'bees' })] }),
  ],
  [
    'a result of nobody',
    ['answers_are_their_own', 'started_are_ended'],
    (sound) => ({ ...sound, notifications: [...sound.notifications, resultOf(9)] }),
  ],
  [
    'two requests under one key',
    ['one_key_one_request', 'started_are_ended'],
    (sound) => ({
      ...sound,
      notifications: [...sound.notifications, resultOf(0, { request_id: 'req_0b' })],
    }),
  ],
  [
    'a sound request refused',
    ['nothing_is_refused'],
    (sound) => ({
      ...sound,
      notifications: [
        ...sound.notifications,
        {
          request_id: null,
          custom_id: 'c-7-2',
          tenant: 'default',
          status: 'failed',
          message_id: 'm',
          error: createProblem('malformed_json'),
        },
      ],
    }),
  ],
  [
    'a request shown to another tenant',
    ['others_are_not_shown'],
    (sound) => ({
      ...sound,
      answers: sound.answers.map((answer) =>
        answer.requestId === 'req_1' ? { ...answer, status: 200, body: second({}) } : answer,
      ),
    }),
  ],
  [
    'a request that expired too soon',
    ['expired_not_before'],
    (sound) => {
      const early = (result: unknown) =>
        JSON.parse(
          JSON.stringify(result)
            .replaceAll('"2026-01-31T12:00:01.000Z"', '"2026-01-31T11:59:59.000Z"')
            .replace('"expires_at":"2026-01-31T11:59:59.000Z"', '"expires_at":"2026-01-31T12:00:01.000Z"'),
        );
      return {
        ...sound,
        notifications: sound.notifications.map((told) => (told.request_id === 'req_2' ? early(told) : told)),
        answers: sound.answers.map((answer) => (answer.requestId === 'req_2' ? early(answer) : answer)),
        stored: sound.stored.map((line) => (line.result.request_id === 'req_2' ? early(line) : line)),
      };
    },
  ],
  [
    'two paid calls, and one attempt',
    ['calls_are_attempts'],
    (sound) => ({
      ...sound,
      calls: [...sound.calls, callOf(0, { seq: 9, at_ms: 5_000, ended_at_ms: 5_100 })],
    }),
  ],
  [
    'a paid call that failed, and no attempt for it',
    ['calls_are_attempts'],
    (sound) => ({
      ...sound,
      calls: [
        ...sound.calls,
        callOf(2, { seq: 9, status: 503, at_ms: 5_000 }),
        callOf(2, { seq: 10, status: 500, at_ms: 8_000, ended_at_ms: 8_100 }),
      ],
    }),
  ],
  [
    'two calls of one request at once',
    ['no_two_calls_at_once'],
    (sound) => ({
      ...sound,
      calls: sound.calls.map((call) => (call.seq === 2 ? { ...call, ended_at_ms: 2_001 } : call)),
    }),
  ],
  [
    'a second call while the first never ended',
    ['no_two_calls_at_once'],
    (sound) => ({
      ...sound,
      calls: sound.calls.map((call) =>
        call.seq === 2 ? { ...call, status: null, ended_at_ms: null } : call,
      ),
    }),
  ],
  [
    'an entry of the ledger that is missing',
    ['ledger_is_sum_of_results', 'counts_sum'],
    (sound) => ({ ...sound, ledger: [] }),
  ],
  [
    'a lost attempt that the ledger forgot',
    ['ledger_is_sum_of_results'],
    (sound) => ({ ...sound, ledger: sound.ledger.map((item) => ({ ...item, lost_attempts: 0 })) }),
  ],
  [
    'tokens that the ledger forgot',
    ['ledger_is_sum_of_results'],
    (sound) => ({ ...sound, ledger: sound.ledger.map((item) => ({ ...item, output_tokens: 59 })) }),
  ],
  [
    'dollars that the ledger forgot',
    ['ledger_is_sum_of_results'],
    (sound) => ({ ...sound, ledger: sound.ledger.map((item) => ({ ...item, cost_usd: 0.0002 })) }),
  ],
  [
    'a request counted twice',
    ['ledger_is_sum_of_results', 'counts_sum'],
    (sound) => ({
      ...sound,
      ledger: [...sound.ledger, ...sound.ledger.map((item) => ({ ...item, segment: 'seg_two' }))],
    }),
  ],
  [
    'a message that still waits in a lane',
    ['nothing_is_left'],
    (sound) => ({ ...sound, left: { ...sound.left, 'hold-chaos-high-express': 1 } }),
  ],
  [
    'a message among the dead letters of the input queue',
    ['nothing_is_left'],
    (sound) => ({ ...sound, left: { ...sound.left, 'input-dlq': 1 } }),
  ],
  [
    'an innocent that is said to end drains',
    ['nobody_is_condemned'],
    (sound) => everywhere(sound, 'req_0', { status: 'failed', error: createProblem('crashed_drain') }),
  ],
  [
    'a sound request that was rejected',
    ['ends_as_planned'],
    (sound) =>
      everywhere(sound, 'req_0', { status: 'failed', error: createProblem('model_rejected_request') }),
  ],
  [
    'a bad request that was answered',
    ['ends_as_planned'],
    (sound) => ({
      ...sound,
      planned: sound.planned.map((one, index) => (index === 0 ? { ...one, fate: 'rejected' as const } : one)),
    }),
  ],
  [
    'a count that leaked',
    ['counters_are_at_rest'],
    (sound) => ({ ...sound, counters: { ...sound.counters, 'tenant#chaos#bees': 3 } }),
  ],
  [
    'a count below zero',
    ['counters_are_at_rest'],
    (sound) => ({ ...sound, counters: { ...sound.counters, 'tenant#chaos#bees': -1 } }),
  ],
  [
    'a large prompt of which little arrived',
    ['prompts_arrive_whole'],
    (sound) => ({
      ...sound,
      planned: sound.planned.map((one, index) => (index === 0 ? { ...one, fillerCharacters: 300_000 } : one)),
    }),
  ],
  [
    'a tenant turned away below his limit',
    ['limits_give_way'],
    (sound) => ({ ...sound, turnedAway: [{ customId: 'c-7-0', waiting: 4, mostWaiting: 5 }] }),
  ],
  ['a request that nobody ever took', ['limits_give_way'], (sound) => ({ ...sound, givenUp: ['c-7-9'] })],
  [
    'a process that ended by itself',
    ['nothing_ends_by_itself'],
    (sound) => ({ ...sound, unexpectedEnds: ['the query process 5 ended by itself (code 1)'] }),
  ],
];

test('finds nothing wrong with a sound run', () => {
  expect(checkEvidence(soundEvidence())).toEqual([]);
});

test.each(DOCTORED)('complains of %s', (_, rules, doctor) => {
  const violations = checkEvidence(doctor(soundEvidence()));
  expect([...new Set(violations.map(({ rule }) => rule))].sort()).toEqual([...rules].sort());
});

test('every rule is seen to complain', () => {
  const seen = new Set(DOCTORED.flatMap(([, rules]) => rules));
  expect(Object.keys(RULES).filter((rule) => !seen.has(rule as keyof typeof RULES))).toEqual([]);
});

describe('what only looks wrong', () => {
  test('a call of a client that died while the simulator stood still', () => {
    const sound = soundEvidence();
    const calls = sound.calls.map((call) => (call.seq === 2 ? { ...call, ended_at_ms: 2_001 } : call));
    expect(checkEvidence({ ...sound, calls, simulatorPauses: [{ fromMs: 900, toMs: 1_900 }] })).toEqual([]);
  });

  test('a call that ended with the simulator', () => {
    const sound = soundEvidence();
    const calls = sound.calls.map((call) =>
      call.seq === 2 ? { ...call, status: null, ended_at_ms: null } : call,
    );
    expect(checkEvidence({ ...sound, calls, simulatorKillsAtMs: [1_800] })).toEqual([]);
  });

  test('a canceled request whose end is told first without its metadata', () => {
    const error = createProblem('canceled');
    const canceled = everywhere(soundEvidence(), 'req_0', { status: 'canceled', error });
    const evidence: Evidence = {
      ...canceled,
      planned: canceled.planned.map((one, index) =>
        index === 0 ? { ...one, fate: 'canceled' as const } : one,
      ),
      notifications: canceled.notifications.map((told, index) =>
        index === 0 ? { ...told, metadata: {} } : told,
      ),
      ledger: canceled.ledger.map((item) => ({
        ...item,
        outcomes: { succeeded: 1, expired: 1, canceled: 1 },
      })),
    };
    expect(checkEvidence(evidence)).toEqual([]);
    const other = everywhere(evidence, 'req_0', { metadata: { of: 'c-7-1' } });
    const ledger = evidence.ledger;
    expect(checkEvidence({ ...other, ledger }).map(({ rule }) => rule)).toContain('answers_are_their_own');
  });

  test('two requests of a client that asked twice without a key', () => {
    const sound = soundEvidence();
    const twin = resultOf(0, { request_id: 'req_0b' });
    const planned = sound.planned.map((request, index) =>
      index === 0 ? { ...request, keyed: 'none' as const } : request,
    );
    const ledger = sound.ledger.map((item) => ({
      ...item,
      requests: 4,
      outcomes: { succeeded: 3, expired: 1 },
      input_tokens: 40,
      output_tokens: 80,
      cost_usd: 0.0004,
    }));
    const evidence: Evidence = {
      ...sound,
      planned,
      ledger,
      notifications: [...sound.notifications, twin],
      answers: [...sound.answers, { requestId: 'req_0b', status: 200, body: twin }],
      stored: [...sound.stored, { key: sound.stored[0]?.key ?? '', result: twin }],
      calls: [...sound.calls, callOf(0, { seq: 9, at_ms: 1_100 })],
    };
    expect(checkEvidence(evidence)).toEqual([]);
  });
});
