import { createHash } from 'node:crypto';
import type { InputUse } from '../quota/token-rules.ts';
import type { Block, ConverseRequest } from '../request/converse-request.ts';
import { isObject } from '../request/converse-request.ts';
import { countPieces, inputTokensOf, type PieceCount } from '../request/count-tokens.ts';

/** Everything before a cache point. */
export interface Prefix {
  readonly digest: string;
  readonly tokens: number;
  readonly ttlMs: number;
}

/** Remembers prefixes for the time that their cache point asks; each use renews it. */
export interface PromptCache {
  readonly holds: (prefix: Prefix, nowMs: number) => boolean;
  readonly remember: (prefixes: readonly Prefix[], nowMs: number) => void;
}

/** Shorter prefixes are not cached, as with most models of the service. */
const minPrefixTokens = 1_024;
const shortTtlMs = 300_000;
const longTtlMs = 3_600_000;
const keptPrefixes = 10_000;

export function createPromptCache(): PromptCache {
  const expiries = new Map<string, number>();
  return {
    holds: ({ digest }, nowMs) => (expiries.get(digest) ?? 0) > nowMs,
    remember: (prefixes, nowMs) => {
      for (const { digest, ttlMs } of prefixes) {
        expiries.delete(digest);
        expiries.set(digest, nowMs + ttlMs);
      }
      for (const digest of expiries.keys()) {
        if (expiries.size <= keptPrefixes) break;
        expiries.delete(digest);
      }
    },
  };
}

/**
 * The longest remembered prefix is read, what follows it up to the last cache point is written, and what comes after
 * that is ordinary input.
 */
export function inputUseOf(
  request: ConverseRequest,
  prefixes: readonly Prefix[],
  isRemembered: (prefix: Prefix) => boolean,
): InputUse {
  const total = inputTokensOf(request);
  const read = prefixes.findLast(isRemembered)?.tokens ?? 0;
  const written = Math.max(0, (prefixes.at(-1)?.tokens ?? 0) - read);
  return {
    inputTokens: total - read - written,
    cacheReadInputTokens: read,
    cacheWriteInputTokens: written,
  };
}

/** In the order of the service: tools, system, messages. A cache point among the tools stands after all of them. */
export function prefixesOf({ toolConfig, system, messages }: ConverseRequest): readonly Prefix[] {
  const tools = isObject(toolConfig) && Array.isArray(toolConfig.tools) ? toolConfig.tools : [];
  const toolPoint = tools.filter(isObject).find(isCachePoint);
  const blocks = [...system, ...messages.flatMap(({ content }) => content)];
  if (toolPoint === undefined && !blocks.some(isCachePoint)) return [];
  const hash = createHash('sha256');
  let count: PieceCount = countPieces([], toolConfig);
  hash.update(JSON.stringify(toolConfig ?? null));
  const prefixes: Prefix[] = [];
  const end = (point: Block) =>
    prefixes.push({ digest: hash.copy().digest('base64'), tokens: count.tokens, ttlMs: ttlOf(point) });
  if (toolPoint !== undefined) end(toolPoint);
  for (const block of blocks) {
    if (isCachePoint(block)) {
      end(block);
      continue;
    }
    hash.update(JSON.stringify(block));
    count = countPieces([block], undefined, count);
  }
  return prefixes.filter(({ tokens }) => tokens >= minPrefixTokens);
}

function isCachePoint({ cachePoint }: Block): boolean {
  return cachePoint !== undefined && cachePoint !== null;
}

function ttlOf({ cachePoint }: Block): number {
  return isObject(cachePoint) && cachePoint.ttl === '1h' ? longTtlMs : shortTtlMs;
}
