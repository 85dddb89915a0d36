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

  /** The structures `<prefix>.1`, `<prefix>.2` and so on. In one pass: there may be very many. */
  list(prefix: string): QueryForm[] {
    const start = `${prefix}.`;
    const byIndex = new Map<string, Map<string, string>>();
    for (const [name, value] of this.#values) {
      const dot = name.startsWith(start) ? name.indexOf('.', start.length) : -1;
      if (dot === -1) continue;
      const index = name.slice(start.length, dot);
      const values = byIndex.get(index) ?? new Map<string, string>();
      byIndex.set(index, values.set(name.slice(dot + 1), value));
    }
    const entries: QueryForm[] = [];
    for (let values = byIndex.get('1'); values !== undefined; values = byIndex.get(`${entries.length + 1}`)) {
      entries.push(new QueryForm(values));
    }
    return entries;
  }

  map(name: string): ReadonlyMap<string, string> {
    return new Map(
      this.list(`${name}.entry`).map((entry) => [entry.require('key'), entry.get('value') ?? '']),
    );
  }
}
