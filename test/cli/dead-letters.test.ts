import { createApiClient } from '../../cli/api-client.ts';
import { parseChange, type RedriveOptions, toOrder } from '../../cli/dead-letters/redrive-order.ts';
import { redrivePages } from '../../cli/dead-letters/redrive-pages.ts';
import {
  ATTEMPT_COLUMNS,
  attemptsOf,
  LETTER_COLUMNS,
  renderAge,
} from '../../cli/dead-letters/render-letters.ts';
import { renderRows } from '../../cli/output.ts';
import type { DeadLetterView } from '../../shared/contract/dead-letter.ts';
import { createProblem } from '../../shared/contract/problem.ts';
import type { RedriveAnswer } from '../../shared/contract/redrive.ts';

const ID = 'req_TD0Z83ZJ8K17FZQFZXNZYB565E';

const optionsOf = (options: Partial<RedriveOptions> = {}): RedriveOptions => ({
  set: {},
  why: 'mended',
  ...options,
});

const answerOf = (fields: Partial<RedriveAnswer> = {}): RedriveAnswer => ({
  redrive_id: 'rdv_1',
  dry_run: false,
  operator: 'anybody',
  looked_at: 100,
  matched: 10,
  reopened: 9,
  sent_again: 0,
  faults: [],
  letters_removed: 3,
  next_cursor: null,
  ...fields,
});

const LETTER: DeadLetterView = {
  request_id: ID,
  custom_id: null,
  tenant: 'acme',
  pool: 'haiku',
  model: 'model-haiku',
  priority: 'normal',
  reason: 'model_unavailable',
  died_at: '2026-01-31T12:00:00.000Z',
  attempts: 8,
  generation: 1,
  history: [
    { epoch: 4, started_at: '2026-01-31T11:59:00.000Z', under_suspicion: false, outcome: 'service_fault' },
  ],
  accepted_at: '2026-01-31T11:00:00.000Z',
  age_seconds: 7200,
  kept_until: '2026-03-02T12:00:00.000Z',
  earlier: [
    {
      reason: 'crashed_drain',
      died_at: '2026-01-31T11:30:00.000Z',
      attempts: 1,
      generation: 0,
      history: [{ epoch: 2, started_at: '2026-01-31T11:29:00.000Z', under_suspicion: true, outcome: null }],
    },
  ],
};

describe('smoother dead-letters redrive', () => {
  it('asks for what its options say', () => {
    const options = optionsOf({
      reason: 'context_too_long',
      olderThan: 60,
      set: parseChange('max_tokens=500', parseChange('priority=low', {})),
      to: 'sonnet',
      dryRun: true,
      perSecond: 5,
    });
    expect(toOrder([ID], options)).toEqual({
      filter: { reason: 'context_too_long', older_than_seconds: 60 },
      request_ids: [ID],
      set: { priority: 'low', max_tokens: 500, model: 'sonnet' },
      why: 'mended',
      dry_run: true,
      per_second: 5,
    });
  });

  it('wants to be told when all are meant', () => {
    expect(() => toOrder([], optionsOf())).toThrow('Say which: with ids, with a filter such as --reason');
    expect(toOrder([], optionsOf({ all: true }))).toEqual({ filter: {}, why: 'mended' });
  });

  it.each(['prompt=x', 'max_tokens', 'max_tokens=', '=5'])('does not set %s', (text) => {
    expect(() => parseChange(text, {})).toThrow('--set takes NAME=VALUE with one of model, priority');
  });

  it('goes on from page to page, and adds up', async () => {
    const fault = createProblem('not_reopenable', { requestId: ID });
    const answers = [answerOf({ next_cursor: 'c1' }), answerOf({ redrive_id: 'rdv_2', faults: [fault] })];
    const sent: unknown[] = [];
    const client = createApiClient(
      { endpoint: 'http://127.0.0.1:1' },
      {
        fetch: async (_, init) => {
          sent.push(JSON.parse(String(init?.body)));
          return Response.json(answers[sent.length - 1]);
        },
      },
    );
    const told: number[] = [];
    const totals = await redrivePages(client, { why: 'w' }, ({ matched }) => told.push(matched));
    expect(sent).toEqual([{ why: 'w' }, { why: 'w', cursor: 'c1' }]);
    expect(told).toEqual([10]);
    expect(totals).toMatchObject({
      redrive_ids: ['rdv_1', 'rdv_2'],
      matched: 20,
      reopened: 18,
      letters_removed: 6,
      faults: [{ request_id: ID }],
    });
  });

  it('ends with the problem when it is refused', async () => {
    const client = createApiClient(
      { endpoint: 'http://127.0.0.1:1' },
      { fetch: async () => Response.json(createProblem('not_an_operator'), { status: 403 }) },
    );
    await expect(redrivePages(client, { why: 'w' }, () => {})).rejects.toThrow(
      'The caller is not an operator',
    );
  });
});

describe('a list of dead letters', () => {
  it('has a line for each, with tabs between its values', () => {
    const palette = { bold: String, dim: String, green: String, red: String, cyan: String, yellow: String };
    expect(renderRows([LETTER], LETTER_COLUMNS, { isTerminal: false, palette })).toBe(
      `${ID}\tmodel_unavailable\thaiku\tacme\t-\t2h\t8\t1`,
    );
    expect(renderRows(attemptsOf(LETTER), ATTEMPT_COLUMNS, { isTerminal: false, palette })).toBe(
      '0\t2026-01-31T11:29:00.000Z\t2\t-\tyes\t-\n1\t2026-01-31T11:59:00.000Z\t4\t-\tno\tservice_fault',
    );
  });

  it.each([
    [59, '59s'],
    [60, '1m'],
    [3599, '59m'],
    [86_400, '1d'],
  ])('tells %d seconds as %s', (seconds, text) => {
    expect(renderAge(seconds)).toBe(text);
  });
});
