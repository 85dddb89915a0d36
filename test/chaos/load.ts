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
}

export interface LoadOptions {
  readonly seed: number;
  readonly requests: number;
  readonly durationMs: number;
}

const TENANTS = ['default', 'default', 'ants', 'bees', 'cats'] as const;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** Hardly compressible, so that it is parked in S3. */
const PARKED_CHARACTERS = 300_000;

const pick = <T>(values: readonly T[], random: number): T | undefined =>
  values[Math.floor(random * values.length)];

const sizeOf = (random: number): number => {
  if (random < 0.004) return PARKED_CHARACTERS;
  return random < 0.05 ? 8_000 : Math.floor(random * 200);
};

const planOne = (index: number, { seed, durationMs }: LoadOptions): PlannedRequest => {
  const next = randomFrom(String(seed), 'load', String(index));
  const door = next() < 0.5 ? 'http' : 'queue';
  const keyedDraw = next();
  const keyed = keyedDraw < 0.4 ? 'none' : keyedDraw < 0.7 && door === 'http' ? 'header' : 'body';
  const expiryDraw = next();
  return {
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
  };
};

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
  return {
    custom_id: customId,
    prompt: `${markerOf(customId)}${filler(customId, fillerCharacters)}`,
    max_tokens: maxTokens,
    priority,
    metadata: { of: customId },
    ...(door === 'queue' ? { tenant } : {}),
    ...(keyed === 'body' ? { idempotency_key: `key-${customId}` } : {}),
    ...(expiresInSeconds === undefined ? {} : { expires_in_seconds: expiresInSeconds }),
  };
};
