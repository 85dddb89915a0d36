import type { RedriveFilter } from '../../contract/redrive.ts';
import { generationOf, type RequestItem } from '../../contract/request-item.ts';
import type { Settings } from '../../contract/settings.ts';
import { reasonOf } from '../../core/dead-letter-view.ts';
import { parseCursor, toCursor } from '../../core/list-cursor.ts';
import { findPool } from '../../core/pool-names.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DeadLetterIndex } from '../../ports/dead-letter-index.ts';
import type { ListPosition } from '../../ports/request-lists.ts';
import type { RequestReader } from '../../ports/request-reader.ts';

export interface FindDeps {
  readonly settings: Settings;
  readonly deadLetters: DeadLetterIndex;
  readonly requestReader: RequestReader;
  readonly clock: Clock;
}

export interface DeadLettersQuestion {
  readonly filter: RedriveFilter;
  readonly limit: number;
  readonly after?: DeadPosition | undefined;
}

/** Pools one after the other, in each the last to die first: what dies again meanwhile is not met again. */
export interface DeadPosition {
  readonly pool: string;
  readonly position: ListPosition;
}

/** One that was looked at, and where it stands. */
export interface Found {
  readonly item: RequestItem;
  readonly at: DeadPosition;
  readonly kind: 'dead' | 'reopened';
}

export interface DeadPage {
  readonly found: readonly Found[];
  readonly lookedAt: number;
  /** Nothing when all were looked at. */
  readonly next: DeadPosition | undefined;
}

const LIST = 'dead-letters';

export const toDeadCursor = ({ pool, position }: DeadPosition): string =>
  toCursor(`${LIST}-${pool}`, position);

export const parseDeadCursor = (text: string, { models }: Settings): DeadPosition | undefined => {
  for (const pool of Object.keys(models)) {
    const position = parseCursor(`${LIST}-${pool}`, text);
    if (position !== undefined) return { pool, position };
  }
  return undefined;
};

const isOfAge = (diedAtMs: number, filter: RedriveFilter, nowMs: number): boolean => {
  const ageMs = nowMs - diedAtMs;
  const { older_than_seconds: older = 0, younger_than_seconds: younger } = filter;
  return ageMs >= older * 1000 && (younger === undefined || ageMs < younger * 1000);
};

/** When it died; of one that was reopened, when it did before that. */
const diedAtMsOf = (item: RequestItem): number =>
  item.finishedAtMs ?? item.earlier?.at(-1)?.finishedAtMs ?? 0;

/** Dead; or reopened, and no drain has begun with it: its lane message may be missing. Nothing else is of interest. */
export const kindOf = (item: RequestItem): Found['kind'] | undefined => {
  if (reasonOf(item) !== undefined) return 'dead';
  const isUntouched = item.status === 'queued' && item.attemptLog.length === 0;
  return isUntouched && generationOf(item) > 0 ? 'reopened' : undefined;
};

export const matches = (
  item: RequestItem,
  filter: RedriveFilter,
  { settings, nowMs }: { readonly settings: Settings; readonly nowMs: number },
): boolean => {
  const reason = item.errorCode ?? item.earlier?.at(-1)?.errorCode;
  return (
    (filter.reason === undefined || filter.reason === reason) &&
    (filter.tenant === undefined || filter.tenant === item.tenant) &&
    (filter.model === undefined || findPool(settings, filter.model)?.name === item.pool) &&
    (item.ttlSeconds === undefined || item.ttlSeconds * 1000 > nowMs) &&
    isOfAge(diedAtMsOf(item), filter, nowMs)
  );
};

const poolsOf = ({ filter, after }: DeadLettersQuestion, settings: Settings): readonly string[] => {
  const named = filter.model === undefined ? undefined : findPool(settings, filter.model)?.name;
  const all = named === undefined ? Object.keys(settings.models) : [named];
  return after === undefined ? all : all.slice(Math.max(0, all.indexOf(after.pool)));
};

interface Seen {
  readonly at: DeadPosition;
  readonly pool: string;
}

interface Looked {
  readonly seen: readonly Seen[];
  readonly next: DeadPosition | undefined;
}

/** Positions of one page, through as many pools as it takes. */
const look = async (question: DeadLettersQuestion, deps: FindDeps): Promise<Looked> => {
  const seen: Seen[] = [];
  const pools = poolsOf(question, deps.settings);
  for (const pool of pools) {
    const left = question.limit - seen.length;
    if (left <= 0) return { seen, next: seen.at(-1)?.at };
    const after = question.after?.pool === pool ? question.after.position : undefined;
    const { entries, next } = await deps.deadLetters.page({ pool, limit: left, after });
    seen.push(...entries.map((position) => ({ pool, at: { pool, position } })));
    if (next !== undefined) return { seen, next: { pool, position: next } };
  }
  return { seen, next: undefined };
};

/** One page of what is dead, or was and waits again; a page may hold fewer than its limit, though more follow. */
export const findDeadLetters = async (question: DeadLettersQuestion, deps: FindDeps): Promise<DeadPage> => {
  const { seen, next } = await look(question, deps);
  const items = await deps.requestReader.readMany(seen.map(({ at }) => at.position.requestId));
  const context = { settings: deps.settings, nowMs: deps.clock.nowMs() };
  const found = seen.flatMap(({ at }): readonly Found[] => {
    const item = items.get(at.position.requestId);
    const kind = item === undefined ? undefined : kindOf(item);
    return item === undefined || kind === undefined || !matches(item, question.filter, context)
      ? []
      : [{ item, at, kind }];
  });
  return { found, lookedAt: seen.length, next };
};
