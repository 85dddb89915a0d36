import type { Json } from '../answers/json-members.ts';

/** A problem as clients of another API expect to be told of it. */
export interface DialectError {
  readonly status: number;
  readonly body: Json;
  readonly headers?: Readonly<Record<string, string>>;
}
