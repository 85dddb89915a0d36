import { z } from 'zod';
import { PRIORITIES } from './priorities.ts';
import { quotaSchema } from './quota-settings.ts';
import { tenantSchema } from './tenants.ts';

/** What an operator may steer: a pool, a tenant in all pools, or a priority in all pools. */
export const CONTROL_KINDS = ['pool', 'tenant', 'priority'] as const;
export type ControlKind = (typeof CONTROL_KINDS)[number];

/** All of them lie in one item, which every drain reads every few seconds. */
export const MOST_CONTROLS = 100;
const MOST_REASON_CHARACTERS = 300;

const weightSchema = tenantSchema.shape.weight.unwrap();

const controlSchema = z.object({
  kind: z.enum(CONTROL_KINDS),
  name: z.string(),
  paused: z.boolean(),
  /** In place of the limits of the settings or of Service Quotas, one by one. */
  quota: quotaSchema.optional(),
  /** In place of the tenant's weight in the settings. */
  weight: weightSchema.optional(),
  reason: z.string(),
  changed_at_ms: z.number().int(),
  changed_by: z.string(),
});

export type Control = z.infer<typeof controlSchema>;

const changeSchema = z.object({
  version: z.number().int(),
  at_ms: z.number().int(),
  by: z.string(),
  kind: z.enum(CONTROL_KINDS),
  name: z.string(),
  reason: z.string(),
  /** Null: as the settings say. */
  before: controlSchema.nullable(),
  after: controlSchema.nullable(),
});

/** Who changed what, when and why: never changed itself. */
export type ControlChange = z.infer<typeof changeSchema>;

export const controlsSchema = z.object({
  /** Grows with every change. */
  version: z.number().int(),
  controls: z.array(controlSchema),
  /** It is part of the same write, so that no change can be without its record. */
  last_change: changeSchema.nullable(),
});

export type Controls = z.infer<typeof controlsSchema>;

export const NO_CONTROLS: Controls = { version: 0, controls: [], last_change: null };

export const parseControlChange = (value: unknown): ControlChange | undefined =>
  changeSchema.safeParse(value).data;

const paused = z.boolean().optional().meta({
  description: 'Whether its requests wait: they stay queued, and their deadlines go on counting.',
});

/** The body of a change. What is left out stays as it is; null goes back to the settings. */
export const controlOrderSchema = z
  .strictObject({
    pool: z.string().optional().meta({ description: 'A pool of the settings.' }),
    tenant: z.string().min(1).max(64).optional().meta({ description: 'A tenant, in every pool.' }),
    priority: z.enum(PRIORITIES).optional().meta({ description: 'A priority, in every pool.' }),
    paused,
    quota: quotaSchema
      .nullable()
      .optional()
      .meta({ description: 'Of a pool: limits that go before all others, one by one.' }),
    weight: weightSchema.nullable().optional().meta({ description: 'Of a tenant: its share.' }),
    reason: z
      .string()
      .trim()
      .min(1)
      .max(MOST_REASON_CHARACTERS)
      .meta({ description: 'Why: it stands in the list of changes.' }),
  })
  .meta({ id: 'ControlOrder', description: 'A change of one control.' });

export type ControlOrder = z.infer<typeof controlOrderSchema>;

const time = z.string().meta({ format: 'date-time' });

const viewFields = {
  kind: z.enum(CONTROL_KINDS),
  name: z.string(),
  paused: z.boolean(),
  quota: quotaSchema.nullable(),
  weight: z.number().nullable(),
  reason: z.string(),
  changed_at: time,
  changed_by: z.string(),
};

export const controlViewSchema = z
  .object(viewFields)
  .meta({ id: 'Control', description: 'What an operator has set.' });

export const controlChangeViewSchema = z
  .object({
    version: z.number().int(),
    at: time,
    by: z.string().meta({ description: 'The caller’s ARN, or `anybody` where everybody is operator.' }),
    kind: z.enum(CONTROL_KINDS),
    name: z.string(),
    reason: z.string(),
    before: controlViewSchema.nullable().meta({ description: 'Null: as the settings say.' }),
    after: controlViewSchema.nullable().meta({ description: 'Null: as the settings say.' }),
  })
  .meta({ id: 'ControlChange', description: 'One change: who, when, what, why.' });

export const controlsViewSchema = z
  .object({
    version: z.number().int(),
    operator: z.string().meta({ description: 'Who asks: an ARN, or `anybody` where everybody is operator.' }),
    controls: z.array(controlViewSchema),
  })
  .meta({ id: 'Controls', description: 'What operators have set; all else is as the settings say.' });

export type ControlView = z.infer<typeof controlViewSchema>;
export type ControlChangeView = z.infer<typeof controlChangeViewSchema>;
