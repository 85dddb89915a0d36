import { FOLDERS } from '../contract/keys.ts';
import type { ReadDeps } from './read-request.ts';

export type Check = 'ok' | 'failed' | 'too_slow';

/** Whoever asks for health wants to know soon. */
const MOST_MS = 2_000;

/** Nothing was ever given these names: that they are not there is the answer of a store that is well. */
const NO_REQUEST = 'req_00000000000000000000000000';
const NO_OBJECT = `${FOLDERS.results}none`;

const check = async (
  name: string,
  ask: () => Promise<unknown>,
  { clock, telemetry }: ReadDeps,
): Promise<readonly [string, Check]> => {
  const done = new AbortController();
  const asked = ask().then(
    (): Check => 'ok',
    (error: unknown): Check => {
      telemetry.log('warn', 'store_not_well', { store: name, error: String(error) });
      return 'failed';
    },
  );
  const late = clock.sleep(MOST_MS, done.signal).then((): Check => 'too_slow');
  const result = await Promise.race([asked, late]);
  done.abort();
  return [name, result];
};

/** Asks every store of the reading half, each for two seconds at most. */
export const checkHealth = async (deps: ReadDeps): Promise<Readonly<Record<string, Check>>> =>
  Object.fromEntries(
    await Promise.all([
      check('requests_table', () => deps.requests.read(NO_REQUEST), deps),
      check('bucket', () => deps.objects.get(NO_OBJECT), deps),
    ]),
  );
