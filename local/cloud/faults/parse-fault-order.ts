import { z } from 'zod';
import { FAULTY_SERVICES, type FaultOrder, STORE_FAULTS, type StoreFault } from './store-faults.ts';

const faultNames = Object.keys(STORE_FAULTS) as [StoreFault, ...StoreFault[]];

const orderSchema = z.strictObject({
  service: z.enum(FAULTY_SERVICES, { error: `must be one of ${FAULTY_SERVICES.join(', ')}` }),
  fault: z.enum(faultNames, { error: `must be one of ${faultNames.join(', ')}` }),
  probability: z
    .number({ error: 'must be a number from 0 to 1' })
    .min(0, { error: 'must be at least 0' })
    .max(1, { error: 'must be at most 1' })
    .default(1),
  operations: z.array(z.string()).optional(),
  endSeconds: z
    .number({ error: 'must be a number of seconds up to 3600' })
    .positive({ error: 'must be more than 0' })
    .max(3600, { error: 'must be at most 3600' }),
});

export type ParsedOrder =
  | { readonly kind: 'order'; readonly order: FaultOrder }
  | { readonly kind: 'problems'; readonly problems: readonly string[] };

const parseJson = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};

export const parseFaultOrder = (body: string): ParsedOrder => {
  const given = parseJson(body);
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return { kind: 'problems', problems: ['The body must be a JSON object.'] };
  const parsed = orderSchema.safeParse(given);
  if (parsed.success) {
    const { operations, ...order } = parsed.data;
    return { kind: 'order', order: { ...order, ...(operations === undefined ? {} : { operations }) } };
  }
  return {
    kind: 'problems',
    problems: parsed.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map(
            (key) =>
              `There is no field ${JSON.stringify(key)}: use ${Object.keys(orderSchema.shape).join(', ')}.`,
          )
        : [`${issue.path.join('.')} ${issue.message}.`],
    ),
  };
};
