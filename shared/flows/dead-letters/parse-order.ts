import type { Fault } from '../../contract/problem.ts';
import {
  type RedriveOrder,
  redriveChangesSchema,
  redriveFilterSchema,
  redriveOrderSchema,
} from '../../contract/redrive.ts';
import { type KnownNames, toFaults } from '../../contract/schema-faults.ts';
import type { Settings } from '../../contract/settings.ts';
import { findPool, poolNames } from '../../core/pool-names.ts';
import { type DeadPosition, parseDeadCursor } from './find-dead-letters.ts';

export type ParsedOrder =
  | { readonly ok: true; readonly order: RedriveOrder; readonly after: DeadPosition | undefined }
  | { readonly ok: false; readonly faults: readonly Fault[] };

const knownNames: KnownNames = ([first, ...rest]) => {
  if (first === undefined) return Object.keys(redriveOrderSchema.shape);
  if (rest.length > 0) return [];
  if (first === 'filter') return Object.keys(redriveFilterSchema.shape);
  return first === 'set' ? Object.keys(redriveChangesSchema.shape) : [];
};

const modelFaults = (pointer: string, model: string | undefined, settings: Settings): readonly Fault[] =>
  model === undefined || findPool(settings, model) !== undefined
    ? []
    : [
        {
          pointer,
          code: 'unknown_model',
          detail: `\`${model}\` is not configured; configured: ${poolNames(settings).join(', ')}`,
        },
      ];

const cursorFaults = (order: RedriveOrder, after: DeadPosition | undefined): readonly Fault[] => {
  if (order.cursor === undefined) return [];
  if (order.request_ids !== undefined)
    return [
      {
        pointer: '/cursor',
        code: 'conflicting_fields',
        detail: '`cursor` and `request_ids` exclude each other; keep one',
      },
    ];
  return after === undefined
    ? [{ pointer: '/cursor', code: 'invalid_value', detail: 'must be the `next_cursor` of a redrive' }]
    : [];
};

/** Everything that is wrong with an order, or the order. */
export const parseRedriveOrder = (body: unknown, settings: Settings): ParsedOrder => {
  const parsed = redriveOrderSchema.safeParse(body);
  if (!parsed.success) return { ok: false, faults: toFaults(parsed.error, body, knownNames) };
  const order = parsed.data;
  const after = order.cursor === undefined ? undefined : parseDeadCursor(order.cursor, settings);
  const faults = [
    ...modelFaults('/filter/model', order.filter?.model, settings),
    ...modelFaults('/set/model', order.set?.model, settings),
    ...cursorFaults(order, after),
  ];
  return faults.length > 0 ? { ok: false, faults } : { ok: true, order, after };
};
