import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { z } from 'zod';
import {
  batchCountsSchema,
  batchCreationSchema,
  batchSchema,
  batchUploadSchema,
} from '../../shared/contract/batch.ts';
import { BATCH_STATUSES } from '../../shared/contract/batch-statuses.ts';
import { CONTENT_BLOCKS, converseSchema } from '../../shared/contract/converse.ts';
import { DAMAGES } from '../../shared/contract/damages.ts';
import { jwtSchema, terraformStateSchema } from '../../shared/contract/deployment-settings.ts';
import { ENV_MEANINGS, FUNCTION_ENV } from '../../shared/contract/env.ts';
import { envelopeSchema } from '../../shared/contract/envelope.ts';
import { type Disposition, ERROR_CODE_NAMES, ERROR_CODES } from '../../shared/contract/error-codes.ts';
import { LIMITS } from '../../shared/contract/limits.ts';
import { METRIC_NAMESPACE, METRICS } from '../../shared/contract/metrics.ts';
import { DEFAULT_POOLS, poolSchema } from '../../shared/contract/pools.ts';
import { createProblem, problemSchema } from '../../shared/contract/problem.ts';
import { quotaSchema } from '../../shared/contract/quota-settings.ts';
import {
  pendingRequestSchema,
  refusalSchema,
  resultSchema,
  usageSchema,
} from '../../shared/contract/request.ts';
import { parseSettings, settingsSchema } from '../../shared/contract/settings.ts';
import { STATUSES } from '../../shared/contract/statuses.ts';
import { targetSchema } from '../../shared/contract/targets.ts';
import { tenantSchema } from '../../shared/contract/tenants.ts';
import { LIFECYCLE } from '../../shared/core/lifecycle.ts';
import { validateEnvelope } from '../../shared/core/validate-envelope.ts';
import { settingsOf } from '../core/samples.ts';
import {
  allowedOf,
  defaultOf,
  type Field,
  fieldsOf,
  leavesOf,
  toJsonSchema,
  typeOf,
} from './describe-schema.ts';
import { examplesBelow, type Row, tableBelow } from './markdown.ts';

const REFERENCE = resolve(__dirname, '../../docs/reference');
const read = (file: string): string => readFileSync(join(REFERENCE, file), 'utf8');
const batches = read('batches.md');
const configuration = read('configuration.md');
const errors = read('errors.md');
const limits = read('limits.md');
const metrics = read('metrics.md');
const requests = read('requests.md');

/** The reader of tables takes code marks off a cell that is one piece of code. */
const plainCode = (text: string): string => (/^`[^`]*`$/.test(text) ? text.slice(1, -1) : text);

/** Fields whose rule goes beyond their schema: the table says it in words. */
const IN_WORDS = ['max_tokens', 'not_before', 'deadline', 'tenant', 'converse', 'also_known_as', 'quota'];

const allowedText = ({ name, schema }: Field): string => {
  const stated = IN_WORDS.includes(name) ? undefined : allowedOf(schema);
  return stated === undefined ? (expect.stringMatching(/^\S.*\S$/) as string) : plainCode(stated);
};

const yesOrNo = (is: boolean): string => (is ? 'yes' : 'no');

const COLUMNS: Readonly<Record<string, (field: Field) => string>> = {
  Setting: ({ name }) => name,
  Field: ({ name }) => name,
  Type: ({ schema }) => typeOf(schema),
  Default: defaultOf,
  Allowed: allowedText,
  Needed: ({ required }) => yesOrNo(required),
  Always: ({ required }) => yesOrNo(required),
  Meaning: () => expect.stringMatching(/^\S.*\S$/) as string,
};

/** Whatever columns a table of fields has, in the order of the schema: what is missing, too much or changed shows. */
const expectFields = (table: readonly Row[], fields: readonly Field[]): void => {
  const header = Object.keys(table[0] ?? {});
  expect(table).toEqual(
    fields.map((field) => Object.fromEntries(header.map((column) => [column, COLUMNS[column]?.(field)]))),
  );
};

/** Where the schema has a description, the table has the same. */
const expectMeanings = (table: readonly Row[], fields: readonly Field[]): void => {
  const meanings = new Map(table.map((row) => [row.Setting ?? row.Field, row.Meaning]));
  const described = fields.filter(({ schema }) => schema.description !== undefined);

  expect(described.map(({ name }) => [name, meanings.get(name)])).toEqual(
    described.map(({ name, schema }) => [name, schema.description]),
  );
};

/** An example is whole, and nothing in it is unknown. */
const expectExample = (schema: z.ZodObject, example: unknown): void => {
  expect(schema.strict().safeParse(example).error?.issues ?? []).toEqual([]);
};

describe('docs/reference/batches.md', () => {
  it.each([
    ['Submitting', batchCreationSchema],
    ['Batch', batchSchema],
    ['Counts', batchCountsSchema],
    ['Upload', batchUploadSchema],
  ])('has every field under "%s", and no other', (heading, schema) => {
    const table = tableBelow(batches, heading);
    const fields = fieldsOf(toJsonSchema(schema));

    expectFields(table, fields);
    expectMeanings(table, fields);
  });

  it('has every status of a batch with what it means', () => {
    expect(tableBelow(batches, 'Statuses')).toEqual(
      Object.entries(BATCH_STATUSES).map(([Status, { over, meaning }]) => ({
        Status,
        Over: yesOrNo(over),
        Meaning: meaning,
      })),
    );
  });
});

describe('docs/reference/configuration.md', () => {
  it.each([
    ["Terraform's state", terraformStateSchema],
    ['Tokens', jwtSchema],
  ])('has every setting of: %s', (heading, schema) => {
    expectFields(tableBelow(configuration, heading), fieldsOf(toJsonSchema(schema)));
  });

  it('has every setting with its type, default, range and meaning, and no other', () => {
    const table = tableBelow(configuration, 'Settings');
    const fields = fieldsOf(toJsonSchema(settingsSchema));
    // The default pools do not fit into a cell: they stand below as a whole.
    const rows = table.map((row) =>
      row.Default === 'the pool `haiku`' ? { ...row, Default: JSON.stringify(DEFAULT_POOLS) } : row,
    );

    expectFields(rows, fields);
    expectMeanings(table, fields);
  });

  it('has every setting of a target, and no other', () => {
    expectFields(tableBelow(configuration, 'Targets of a pool'), leavesOf(toJsonSchema(targetSchema)));
  });

  it('has every setting of a pool, and no other', () => {
    const table = tableBelow(configuration, 'A pool');
    const fields = leavesOf(toJsonSchema(poolSchema));

    expectFields(table, fields);
    expectMeanings(table, fields);
  });

  it('has every limit of a quota, and no other', () => {
    const table = tableBelow(configuration, 'A quota');
    const fields = fieldsOf(toJsonSchema(quotaSchema));

    expectFields(table, fields);
    expectMeanings(table, fields);
  });

  it('shows an example of a quota that is valid', () => {
    const [example] = examplesBelow(configuration, 'A quota');

    expect(parseSettings(example)).toMatchObject({ ok: true });
  });

  it('has every setting of a tenant, and no other', () => {
    const table = tableBelow(configuration, 'Tenants');
    const fields = fieldsOf(toJsonSchema(tenantSchema));

    expectFields(table, fields);
    expectMeanings(table, fields);
  });

  it('shows an example of tenants that is valid', () => {
    const [example] = examplesBelow(configuration, 'Tenants');

    expect(parseSettings(example)).toMatchObject({ ok: true });
  });

  it('shows the default pools as they are', () => {
    expect(examplesBelow(configuration, 'Default pools')).toEqual([DEFAULT_POOLS]);
  });

  it('shows an example of several pools that is valid', () => {
    const [example] = examplesBelow(configuration, 'Several pools');

    expect(parseSettings(example)).toMatchObject({ ok: true });
  });

  it('has the environment variables of each function, and no other', () => {
    const names = Object.keys(ENV_MEANINGS) as (keyof typeof ENV_MEANINGS)[];
    const readBy = (list: readonly string[], name: string): string => yesOrNo(list.includes(name));

    expect(tableBelow(configuration, 'Environment of the functions')).toEqual(
      names.map((name) => ({
        Variable: name,
        ...Object.fromEntries(
          Object.entries(FUNCTION_ENV).map(([fn, variables]) => [fn, readBy(variables, name)]),
        ),
        Meaning: ENV_MEANINGS[name],
      })),
    );
  });
});

describe('docs/reference/errors.md', () => {
  const rowsOf = (disposition: Disposition): readonly Row[] =>
    ERROR_CODE_NAMES.filter((code) => ERROR_CODES[code].disposition === disposition).map((code) => ({
      Code: code,
      Status: String(ERROR_CODES[code].status),
      Retryable: yesOrNo(createProblem(code).retryable),
      Title: ERROR_CODES[code].title,
      Remedy: ERROR_CODES[code].remedy,
    }));

  it.each([
    ['Refused at the door', 'refused'],
    ['Faults inside `errors`', 'fault'],
    ['Retried by the pipeline', 'retried'],
    ['Ended without an answer', 'failed'],
  ] as const)('has, under "%s", every code that is %s, and no other', (heading, disposition) => {
    expect(tableBelow(errors, heading)).toEqual(rowsOf(disposition));
  });

  it('has every field of the problem object', () => {
    const table = tableBelow(errors, 'The problem object');
    const fields = fieldsOf(toJsonSchema(problemSchema));

    expectFields(table, fields);
    expectMeanings(
      table,
      fields.filter(({ name }) => name !== 'errors'),
    );
  });

  it('shows the problem that its example really gets', () => {
    const [request, problem] = examplesBelow(errors, 'Example');
    const validation = validateEnvelope(request, {
      settings: settingsOf({}),
      nowMs: Date.UTC(2026, 0, 31, 12),
      provenTenant: 'default',
    });

    expectExample(problemSchema, problem);
    expect(validation).toEqual({ ok: false, faults: (problem as { errors: unknown }).errors });
    expect(problem).toEqual({
      ...createProblem('invalid_request', { detail: '5 faults; nothing was accepted.' }),
      errors: (problem as { errors: unknown }).errors,
    });
  });
});

describe('docs/reference/limits.md', () => {
  it('has every limit with its value, unit and meaning, and no other', () => {
    expect(tableBelow(limits, 'Every limit')).toEqual(
      Object.entries(LIMITS).map(([name, { value, unit, meaning }]) => ({
        Limit: name,
        Value: String(value),
        Unit: unit,
        Meaning: meaning,
      })),
    );
  });
});

describe('docs/reference/metrics.md', () => {
  it('names the namespace', () => {
    expect(metrics).toContain(`Namespace: \`${METRIC_NAMESPACE}\`\n`);
  });

  it('has every metric with its unit, dimensions and meaning, and no other', () => {
    expect(tableBelow(metrics, 'Every metric')).toEqual(
      Object.entries(METRICS).map(([name, { unit, dimensions, meaning }]) => ({
        Metric: name,
        Unit: unit,
        Dimensions:
          dimensions.length === 0 ? 'none' : plainCode(dimensions.map((one) => `\`${one}\``).join(', ')),
        Meaning: meaning,
      })),
    );
  });

  it('has every kind of damage with its meaning, and whether it rings an alarm', () => {
    expect(
      tableBelow(metrics, 'Damage').map(({ Damage, Alarm, Meaning }) => ({ Damage, Alarm, Meaning })),
    ).toEqual(
      Object.entries(DAMAGES).map(([name, { isLoss, meaning }]) => ({
        Damage: name,
        Alarm: isLoss ? 'yes' : 'no',
        Meaning: meaning,
      })),
    );
  });

  it('explains every dimension that a metric has, and no other', () => {
    const used = new Set<string>(Object.values(METRICS).flatMap(({ dimensions }) => [...dimensions]));

    expect(
      tableBelow(metrics, 'Dimensions')
        .map(({ Dimension }) => Dimension ?? '')
        .sort(),
    ).toEqual([...used].sort());
  });
});

describe('docs/reference/requests.md', () => {
  it('has every field of the envelope with its type, default and range, and no other', () => {
    const table = tableBelow(requests, 'Envelope');
    const fields = fieldsOf(toJsonSchema(envelopeSchema));

    expectFields(table, fields);
    expectMeanings(
      table,
      fields.filter(({ name }) => name !== 'converse'),
    );
  });

  it('has every field of Converse, and no other', () => {
    expectFields(tableBelow(requests, 'Converse'), fieldsOf(toJsonSchema(converseSchema)));
  });

  it('names every kind of content block', () => {
    for (const block of CONTENT_BLOCKS) expect(requests).toContain(`\`${block}\``);
  });

  it.each(['Example: short form', 'Example: Converse form'])('has a valid request under "%s"', (heading) => {
    const [example] = examplesBelow(requests, heading);

    expect(
      validateEnvelope(example, { settings: settingsOf({}), nowMs: 0, provenTenant: 'default' }),
    ).toMatchObject({ ok: true });
  });

  it('has every status, and no other', () => {
    expect(tableBelow(requests, 'Statuses')).toEqual(
      Object.entries(STATUSES).map(([name, { terminal, meaning }]) => ({
        Status: name,
        Terminal: yesOrNo(terminal),
        Meaning: meaning,
      })),
    );
  });

  it('has the table of transitions that the store goes by', () => {
    const shown = tableBelow(requests, 'Transitions').map(({ Status = '', ...events }) => [
      Status,
      Object.fromEntries(Object.entries(events).filter(([, next]) => next !== '—')),
    ]);

    expect(Object.fromEntries(shown)).toEqual(LIFECYCLE);
  });

  it.each([
    ['Pending request', pendingRequestSchema],
    ['Result', resultSchema],
    ['Usage', usageSchema],
    ['Refusal', refusalSchema],
  ] as const)('has every field under "%s", and no other', (heading, schema) => {
    expectFields(tableBelow(requests, heading), fieldsOf(toJsonSchema(schema)));
  });

  it.each([
    ['Example: pending', pendingRequestSchema],
    ['Example: succeeded', resultSchema],
    ['Example: failed', resultSchema],
    ['Example: refused', refusalSchema],
  ] as const)('has a whole object under "%s"', (heading, schema) => {
    const examples = examplesBelow(requests, heading);

    expect(examples).toHaveLength(1);
    expectExample(schema, examples[0]);
  });

  it('shows problems in its examples that the code would make', () => {
    const [failed] = examplesBelow(requests, 'Example: failed');
    const [refused] = examplesBelow(requests, 'Example: refused');

    expect(failed).toMatchObject({
      error: createProblem('context_too_long', {
        detail: 'Input is too long for requested model.',
        requestId: 'req_TD0Z83ZJ8K17FZQFZXNZYB565E',
      }),
    });
    expect(refused).toMatchObject({
      error: createProblem('invalid_request', { detail: 'One fault; nothing was accepted.' }),
    });
  });
});
