import { invalidParameter } from './sns-error.ts';

/**
 * A form of the query protocol, which spells structures as dotted names:
 *
 *   Tags.member.1.Key=a   Attributes.entry.2.value=b
 */
export class QueryForm {
  readonly #values: ReadonlyMap<string, string>;

  private constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  static parse(body: string): QueryForm {
    return new QueryForm(new Map(new URLSearchParams(body)));
  }

  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** Refuses what is absent or empty. */
  require(name: string): string {
    const value = this.#values.get(name);
    if (value === undefined || value === '') throw invalidParameter(name, 'it is missing');
    return value;
  }

  isTrue(name: string): boolean {
    return this.#values.get(name)?.toLowerCase() === 'true';
  }

  /** The names of fields outside of lists and maps, and of lists and maps. */
  fields(): Set<string> {
    return new Set([...this.#values.keys()].map((name) => name.split('.')[0] ?? ''));
  }

  /** The structures `<prefix>.1`, `<prefix>.2` and so on. */
  list(prefix: string): QueryForm[] {
    const entries: QueryForm[] = [];
    for (let index = 1; ; index++) {
      const start = `${prefix}.${index}.`;
      const values = [...this.#values].flatMap(([name, value]) =>
        name.startsWith(start) ? [[name.slice(start.length), value] as const] : [],
      );
      if (values.length === 0) return entries;
      entries.push(new QueryForm(new Map(values)));
    }
  }

  map(name: string): ReadonlyMap<string, string> {
    return new Map(
      this.list(`${name}.entry`).map((entry) => [entry.require('key'), entry.get('value') ?? '']),
    );
  }
}
