/** Every key shape of the requests table, the reporting table and the bucket, in one place. */

/** The folders of the bucket. */
export const FOLDERS = {
  inputs: 'inputs/',
  results: 'results/',
  batches: 'batches/',
  uploads: 'uploads/',
} as const;

/** State item of a pool: lease, epoch, snapshot. Its `#` keeps it apart from every request id. */
export const poolItemKey = (pool: string): string => `pool#${pool}`;

/** Counter of a tenant's unfinished requests in a pool. */
export const tenantItemKey = (pool: string, tenant: string): string => `tenant#${pool}#${tenant}`;

/** What a tenant has used of a day or a month, in all pools. */
export const spendItemKey = (tenant: string, period: string): string => `spend#${tenant}#${period}`;

/** Where the answer to a question lies. */
export const answerItemKey = (key: string): string => `answer#${key}`;

/** Whose counter a key names. */
export const parseTenantItemKey = (
  key: string,
): { readonly pool: string; readonly tenant: string } | undefined => {
  const [kind, pool, tenant, ...more] = key.split('#');
  return kind === 'tenant' && pool !== undefined && tenant !== undefined && more.length === 0
    ? { pool, tenant }
    : undefined;
};

/** How far the reconciler has got through the requests table. */
export const RECONCILER_KEY = 'reconciler#progress';

export const REQUEST_ID_PATTERN = /^req_[0-9A-HJKMNP-TV-Z]{26}$/;
export const BATCH_ID_PATTERN = /^bat_[0-9A-HJKMNP-TV-Z]{26}$/;

/** Item that counts how one stretch of a batch ended; the batch itself lies under its id. */
export const tallyItemKey = (batchId: string, tally: number): string => `${batchId}#${tally}`;

const two = (value: number): string => String(value).padStart(2, '0');

const hourPath = (timeMs: number): string => {
  const time = new Date(timeMs);
  return [
    time.getUTCFullYear(),
    two(time.getUTCMonth() + 1),
    two(time.getUTCDate()),
    two(time.getUTCHours()),
  ].join('/');
};

/** `results/<pool>/<yyyy>/<mm>/<dd>/<hh>/<segment>.jsonl`: one flush of results. */
export const segmentKey = (pool: string, timeMs: number, segment: string): string =>
  `${FOLDERS.results}${pool}/${hourPath(timeMs)}/${segment}.jsonl`;

const SEGMENT_KEY = /^results\/([^/]+)\/(\d{4})\/(\d{2})\/(\d{2})\/(\d{2})\/([^/]+?)(-req_[^/-]+)?\.jsonl$/;

/** The flush that wrote a result, by the key of the object it lies in. */
export const parseSegmentKey = (
  key: string,
): { readonly pool: string; readonly atMs: number; readonly segment: string } | undefined => {
  const [, pool, year, month, day, hour, segment] = SEGMENT_KEY.exec(key) ?? [];
  if (pool === undefined || segment === undefined) return undefined;
  return { pool, segment, atMs: Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour)) };
};

/** Names the text of a reopened request: its generation, and who reopened it. */
export const TEXT_ID_PATTERN = /^[1-9]\d{0,3}-[A-Za-z0-9_-]{1,64}$/;

export const textIdOf = (generation: number, redriveId: string): string => `${generation}-${redriveId}`;

/** A request too large for a queue message, and the text of one that can be sent again. */
export const parkedInputKey = (pool: string, requestId: string, textId?: string): string =>
  `${FOLDERS.inputs}${pool}/${requestId}${textId === undefined ? '' : `.${textId}`}.json`;

export const FILE_ID_PATTERN = /^file-[0-9A-HJKMNP-TV-Z]{26}$/;

/** A file that a tenant keeps for batches at a door of others, and what is known of it. No request's key is so deep. */
export const fileKeys = (tenant: string, fileId: string) => ({
  content: `${FOLDERS.inputs}files/${tenant}/${fileId}.jsonl`,
  facts: `${FOLDERS.inputs}files/${tenant}/${fileId}.json`,
});

/** The requests of a batch, as accepted: nobody outside can write here. */
export const batchInputKey = (batchId: string, fingerprint: string): string =>
  `${FOLDERS.batches}${batchId}/${fingerprint}.jsonl`;

/** Where a caller puts the requests of a large batch. */
export const uploadKey = (batchId: string): string => `${FOLDERS.uploads}${batchId}.jsonl`;

/** Partition of the usage ledger: a pool and an hour, `haiku#2026-01-31T12`. */
export const reportKey = (pool: string, timeMs: number): string =>
  `${pool}#${new Date(timeMs).toISOString().slice(0, 13)}`;

/** Of the reporting table: what steers a pool lies beside what it used. No hour is called so. */
export const quotaReadingKey = (pool: string) => ({ report_id: `${pool}#quota`, segment: 'reading' });

export const useReadingKey = (pool: string) => ({ report_id: `${pool}#quota`, segment: 'use' });

/** Of the reporting table: what operators have set, in all pools. No pool is called so: its keys have a `#`. */
export const CONTROLS_KEY = { report_id: 'controls', segment: 'now' } as const;
export const CONTROL_CHANGES = 'change#';
export const controlChangeKey = (version: number) => ({
  report_id: CONTROLS_KEY.report_id,
  segment: `${CONTROL_CHANGES}${String(Math.max(0, version)).padStart(10, '0')}`,
});

/** Of the reporting table: API keys, by their ids. No partition of a pool is called so. */
export const API_KEYS = 'api-keys';
export const apiKeyItemKey = (id: string) => ({ report_id: API_KEYS, segment: id });

/** Of the reporting table: every redrive, by its id, which begins with its time. No pool is called so either. */
export const REDRIVES = 'redrives';
export const redriveKey = (redriveId: string) => ({ report_id: REDRIVES, segment: redriveId });
/** Of the reporting table: deliveries of webhooks, by their tenant and the event that they tell. */
export const deliveryKey = (tenant: string, eventId: string) => ({
  report_id: `webhooks#${tenant}`,
  segment: eventId,
});

/** Of the reporting table: what a tenant's webhooks are signed with. */
export const WEBHOOK_SECRETS = 'webhook-secrets';
export const webhookSecretKey = (tenant: string) => ({ report_id: WEBHOOK_SECRETS, segment: tenant });

export const REDRIVE_ID_PATTERN = /^rdv_[0-9A-HJKMNP-TV-Z]{26}$/;
