import { randomFrom } from '../../local/bedrock/seeded-random.ts';
import { PRIORITIES, type Priority } from '../../shared/contract/priorities.ts';

export type Keyed = 'header' | 'body' | 'none';

/** One request of a client's, as planned before the run. */
export interface PlannedRequest {
  readonly customId: string;
  readonly atMs: number;
  readonly door: 'http' | 'queue';
  /** As the sender asserts it on the queue; over HTTP everybody is `default`. */
  readonly tenant: string;
  readonly priority: Priority;
  readonly keyed: Keyed;
  /** The client sends the very same again after its answer. */
  readonly sentTwice: boolean;
  readonly expiresInSeconds: number | undefined;
  /** Of text behind the marker. */
  readonly fillerCharacters: number;
  readonly maxTokens: number;
  /** Rejected: the model finds it wrong. Canceled: its client thinks better of it at once. */
  readonly fate: 'served' | 'rejected' | 'canceled';
}

export interface LoadOptions {
  readonly seed: number;
  readonly requests: number;
  readonly durationMs: number;
}

/** Whose every request is rejected. */
export const BAD_TENANT = 'wasps';
/** What the simulator can not follow it rejects. */
const REJECTED = '[[sim:reject]] ';
const TENANTS = ['default', 'default', 'ants', 'bees', 'cats'] as const;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** Hardly compressible, so that it is parked in S3. */
const PARKED_CHARACTERS = 300_000;

const pick = <T>(values: readonly T[], random: number): T | undefined =>
  values[Math.floor(random * values.length)];

const sizeOf = (random: number): number => {
  if (random < 0.008) return PARKED_CHARACTERS;
  return random < 0.05 ? 8_000 : Math.floor(random * 200);
};

const planOne = (index: number, { seed, durationMs }: LoadOptions): PlannedRequest => {
  const next = randomFrom(String(seed), 'load', String(index));
  const door = next() < 0.5 ? 'http' : 'queue';
  const keyedDraw = next();
  const keyed = keyedDraw < 0.4 ? 'none' : keyedDraw < 0.7 && door === 'http' ? 'header' : 'body';
  const expiryDraw = next();
  const planned: PlannedRequest = {
    customId: `c-${seed}-${index}`,
    atMs: Math.floor(next() * durationMs),
    door,
    tenant: door === 'http' ? 'default' : (pick(TENANTS, next()) ?? 'ants'),
    priority: pick(PRIORITIES, next()) ?? 'normal',
    keyed,
    sentTwice: keyed !== 'none' && next() < 0.2,
    expiresInSeconds: expiryDraw < 0.05 ? 1 + Math.floor(expiryDraw * 400) : undefined,
    fillerCharacters: sizeOf(next()),
    maxTokens: 20 + Math.floor(next() * 60),
    fate: 'served',
  };
  const fateDraw = next();
  if (door === 'http') return fateDraw < 0.06 ? { ...planned, fate: 'canceled' } : planned;
  return fateDraw < 0.08 ? { ...planned, tenant: BAD_TENANT, fate: 'rejected' } : planned;
};

/** Everybody's last request, once all is at rest: whoever is served has his count set right. */
export const planLast = ({ seed, requests }: LoadOptions): readonly PlannedRequest[] =>
  [...new Set([...TENANTS, BAD_TENANT])].map((tenant, index) => ({
    customId: `c-${seed}-${requests + index}`,
    atMs: 0,
    door: 'queue',
    tenant,
    priority: 'normal',
    keyed: 'none',
    sentTwice: false,
    expiresInSeconds: undefined,
    fillerCharacters: 0,
    maxTokens: 20,
    fate: 'served',
  }));

/** What clients will send and when: a pure function of the seed. */
export const planLoad = (options: LoadOptions): readonly PlannedRequest[] =>
  Array.from({ length: options.requests }, (_, index) => planOne(index, options)).sort(
    (one, other) => one.atMs - other.atMs,
  );

/** Begins every prompt, so that its answer and the record of its calls tell whose they are. */
export const markerOf = (customId: string): string => `chaos ${customId} `;

export const customIdOfMarker = (text: string): string | undefined => /chaos (c-\d+-\d+) /.exec(text)?.[1];

const filler = (customId: string, characters: number): string => {
  const next = randomFrom(customId);
  let text = '';
  while (text.length < characters) text += ALPHABET[Math.floor(next() * ALPHABET.length)];
  return text;
};

export const toBody = (planned: PlannedRequest): Readonly<Record<string, unknown>> => {
  const { customId, door, tenant, priority, keyed, expiresInSeconds, fillerCharacters, maxTokens } = planned;
  const wish = planned.fate === 'rejected' ? REJECTED : '';
  return {
    custom_id: customId,
    prompt: `${markerOf(customId)}${wish}${filler(customId, fillerCharacters)}`,
    max_tokens: maxTokens,
    priority,
    metadata: { of: customId },
    ...(door === 'queue' ? { tenant } : {}),
    ...(keyed === 'body' ? { idempotency_key: `key-${customId}` } : {}),
    ...(expiresInSeconds === undefined ? {} : { expires_in_seconds: expiresInSeconds }),
  };
};
