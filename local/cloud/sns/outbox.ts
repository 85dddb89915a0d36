import { type CloudDatabase, successorOf } from '../cloud-database.ts';

/** An email that SNS would have sent. */
export interface Email {
  readonly messageId: string;
  readonly topicArn: string;
  readonly to: string;
  readonly subject: string;
  readonly message: string;
  readonly sentAt: string;
}

/** `sns/email/<number>`: the number grows by one with each email. */
const EMAIL_PREFIX = 'sns/email/';
/** Older ones go. */
const MAX_KEPT = 1_000;

/** The emails of all topics, durable and bounded. */
export class Outbox {
  readonly #database: CloudDatabase;
  /** The oldest first. */
  readonly #emails: { readonly key: string; readonly email: Email }[] = [];
  #nextNumber = 1;

  private constructor(database: CloudDatabase) {
    this.#database = database;
  }

  static async open(database: CloudDatabase): Promise<Outbox> {
    const outbox = new Outbox(database);
    for await (const [key, value] of database.entries(EMAIL_PREFIX, successorOf(EMAIL_PREFIX))) {
      outbox.#emails.push({ key, email: JSON.parse(value) });
      outbox.#nextNumber = Number(key.slice(EMAIL_PREFIX.length)) + 1;
    }
    return outbox;
  }

  async add(email: Email): Promise<void> {
    // LevelDB orders keys as text.
    const key = EMAIL_PREFIX + String(this.#nextNumber++).padStart(16, '0');
    this.#emails.push({ key, email });
    const outdated = this.#emails.splice(0, Math.max(0, this.#emails.length - MAX_KEPT));
    await this.#database.write([
      { type: 'put', key, value: JSON.stringify(email) },
      ...outdated.map((old) => ({ type: 'del', key: old.key }) as const),
    ]);
  }

  /** The newest first. */
  newest(count: number): Email[] {
    return this.#emails
      .slice(Math.max(0, this.#emails.length - count))
      .reverse()
      .map(({ email }) => email);
  }

  async clear(): Promise<void> {
    const all = this.#emails.splice(0);
    await this.#database.write(all.map(({ key }) => ({ type: 'del', key })));
  }
}
