import { BATCH_DEFAULT_FIELDS, type BatchCreation, batchCreationSchema } from '../contract/batch.ts';
import type { BatchDefaults } from '../contract/batch-item.ts';
import type { Fault, QueryFault } from '../contract/problem.ts';
import { toFaults } from '../contract/schema-faults.ts';
import type { SentMember } from './batch-check.ts';

/** A batch as it was sent, whichever way. */
export interface SentBatch {
  /** Of the batch itself: those of its requests are found one by one. */
  readonly faults: readonly (Fault | QueryFault)[];
  readonly customId: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly defaults: BatchDefaults;
  readonly idempotencyKey?: string;
  readonly callbackUrl?: string;
  /** What is hashed to tell a replay from a conflict. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly content:
    | { readonly kind: 'members'; readonly members: readonly SentMember[]; readonly pointer: string }
    | { readonly kind: 'upload'; readonly sizeBytes?: number };
}

const FIELDS = Object.keys(batchCreationSchema.shape);

const isObject = (body: unknown): body is Readonly<Record<string, unknown>> =>
  typeof body === 'object' && body !== null && !Array.isArray(body);

const oneContent = (body: Readonly<Record<string, unknown>>): readonly Fault[] => {
  if ('requests' in body && 'upload' in body)
    return [
      {
        pointer: '/upload',
        code: 'conflicting_fields',
        detail: '`upload` and `requests` exclude each other; keep one',
      },
    ];
  return 'requests' in body || 'upload' in body
    ? []
    : [{ pointer: '', code: 'required', detail: 'one of requests, upload is needed' }];
};

/** The fields without a fault: the others are checked with them all the same. */
const soundFields = (
  body: Readonly<Record<string, unknown>>,
  faults: readonly Fault[],
): Partial<BatchCreation> => {
  const bad = new Set(faults.map(({ pointer }) => pointer.split('/')[1]));
  return Object.fromEntries(Object.entries(body).filter(([field]) => !bad.has(field)));
};

const defaultsOf = (sound: Partial<BatchCreation>): BatchDefaults =>
  Object.fromEntries(
    BATCH_DEFAULT_FIELDS.filter((field) => sound[field] !== undefined).map((field) => [field, sound[field]]),
  );

const contentOf = (sound: Partial<BatchCreation>): SentBatch['content'] => {
  const { upload, requests } = sound;
  if (upload === undefined)
    return {
      kind: 'members',
      pointer: '/requests',
      members: (requests ?? []).map((body, index) => ({ index, read: { ok: true, body } })),
    };
  const sizeBytes = upload === true ? undefined : upload.size_bytes;
  return { kind: 'upload', ...(sizeBytes === undefined ? {} : { sizeBytes }) };
};

const NOTHING: SentBatch['content'] = { kind: 'upload' };

/** A batch sent in JSON. */
export const parseBatch = (body: unknown): SentBatch & { readonly faults: readonly Fault[] } => {
  const parsed = batchCreationSchema.safeParse(body);
  const schemaFaults = parsed.success
    ? []
    : toFaults(parsed.error, body, (path) => (path.length === 0 ? FIELDS : []));
  if (!isObject(body))
    return { faults: schemaFaults, customId: null, metadata: {}, defaults: {}, body: {}, content: NOTHING };
  const sound = soundFields(body, schemaFaults);
  const faults = [...schemaFaults, ...oneContent(body)];
  const unclear = faults.some(({ pointer }) => /^(\/requests|\/upload|$)/.test(pointer));
  return {
    faults,
    customId: sound.custom_id ?? null,
    metadata: sound.metadata ?? {},
    defaults: defaultsOf(sound),
    ...(sound.idempotency_key === undefined ? {} : { idempotencyKey: sound.idempotency_key }),
    ...(sound.callback_url === undefined ? {} : { callbackUrl: sound.callback_url }),
    body,
    content: unclear ? NOTHING : contentOf(sound),
  };
};

const inQuery = ({ pointer, code, detail }: Fault): QueryFault => ({
  parameter: pointer.slice(1),
  code,
  detail,
});

/** A batch sent as lines, the rest of it as parameters beside them. */
export const parseBatchLines = (
  members: readonly SentMember[],
  parameters: Readonly<Record<string, string>>,
): SentBatch => {
  const { expires_in_seconds: seconds, ...texts } = parameters;
  const options = { ...texts, ...(seconds === undefined ? {} : { expires_in_seconds: Number(seconds) }) };
  const bodies = members.map(({ read }) => (read.ok ? read.body : read.detail));
  const parsed = parseBatch({ ...options, requests: [] });
  return {
    ...parsed,
    faults: parsed.faults.map(inQuery),
    body: { ...options, requests: bodies },
    content: { kind: 'members', members, pointer: '' },
  };
};
