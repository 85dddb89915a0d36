import { randomUUID } from 'node:crypto';
import { type CloudDatabase, successorOf } from '../cloud-database.ts';

/**
 * Every key that SNS has in the database, apart from the outbox:
 *
 *   sns/topic/<name>                  a topic and its attributes
 *   sns/subscription/<topic>/<uuid>   a subscription
 */
const TOPIC_PREFIX = 'sns/topic/';
const SUBSCRIPTION_PREFIX = 'sns/subscription/';

export type Protocol = 'sqs' | 'email';

export interface Topic {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Subscription {
  readonly topic: string;
  readonly uuid: string;
  readonly protocol: Protocol;
  readonly endpoint: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Topics and their subscriptions, in memory as on disk. */
export class TopicStore {
  readonly #database: CloudDatabase;
  readonly #topics = new Map<string, Topic>();
  /** By topic, in the order in which they were made. */
  readonly #subscriptions = new Map<string, Map<string, Subscription>>();

  private constructor(database: CloudDatabase) {
    this.#database = database;
  }

  static async open(database: CloudDatabase): Promise<TopicStore> {
    const store = new TopicStore(database);
    for await (const [, value] of database.entries(TOPIC_PREFIX, successorOf(TOPIC_PREFIX))) {
      const topic: Topic = JSON.parse(value);
      store.#topics.set(topic.name, topic);
    }
    for await (const [, value] of database.entries(SUBSCRIPTION_PREFIX, successorOf(SUBSCRIPTION_PREFIX))) {
      const subscription: Subscription = JSON.parse(value);
      store.#subscriptionsOf(subscription.topic).set(subscription.uuid, subscription);
    }
    return store;
  }

  topics(): Topic[] {
    return [...this.#topics.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  find(name: string): Topic | undefined {
    return this.#topics.get(name);
  }

  async save(topic: Topic): Promise<void> {
    this.#topics.set(topic.name, topic);
    await this.#database.write([
      { type: 'put', key: TOPIC_PREFIX + topic.name, value: JSON.stringify(topic) },
    ]);
  }

  async delete(name: string): Promise<void> {
    const subscriptions = this.subscriptions(name);
    this.#topics.delete(name);
    this.#subscriptions.delete(name);
    await this.#database.write(
      [TOPIC_PREFIX + name, ...subscriptions.map(subscriptionKey)].map((key) => ({ type: 'del', key })),
    );
  }

  subscriptions(topic: string): Subscription[] {
    return [...(this.#subscriptions.get(topic)?.values() ?? [])];
  }

  findSubscription(topic: string, uuid: string): Subscription | undefined {
    return this.#subscriptions.get(topic)?.get(uuid);
  }

  async subscribe(subscription: Omit<Subscription, 'uuid'>): Promise<Subscription> {
    const saved = { ...subscription, uuid: randomUUID() };
    await this.saveSubscription(saved);
    return saved;
  }

  async saveSubscription(subscription: Subscription): Promise<void> {
    this.#subscriptionsOf(subscription.topic).set(subscription.uuid, subscription);
    const key = subscriptionKey(subscription);
    await this.#database.write([{ type: 'put', key, value: JSON.stringify(subscription) }]);
  }

  async unsubscribe(subscription: Subscription): Promise<void> {
    this.#subscriptions.get(subscription.topic)?.delete(subscription.uuid);
    await this.#database.write([{ type: 'del', key: subscriptionKey(subscription) }]);
  }

  #subscriptionsOf(topic: string): Map<string, Subscription> {
    const subscriptions = this.#subscriptions.get(topic) ?? new Map<string, Subscription>();
    this.#subscriptions.set(topic, subscriptions);
    return subscriptions;
  }
}

/** A topic's name holds no slash. */
function subscriptionKey({ topic, uuid }: Subscription): string {
  return `${SUBSCRIPTION_PREFIX}${topic}/${uuid}`;
}
