import { z } from 'zod';
import { FILE_ID_PATTERN, fileKeys } from '../../contract/keys.ts';
import { limit } from '../../contract/limits.ts';
import { createFileId } from '../../core/request-id.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Objects } from '../../ports/objects.ts';

const factsSchema = z.object({
  id: z.string(),
  name: z.string(),
  sizeBytes: z.number().int(),
  createdAtMs: z.number().int(),
  expiresAtMs: z.number().int(),
  isDeleted: z.boolean(),
});

export type KeptFile = z.infer<typeof factsSchema>;

export interface FileDeps {
  readonly objects: Objects;
  readonly clock: Clock;
  readonly randomBytes: (count: number) => Uint8Array;
}

export interface FileInQuestion {
  readonly fileId: string;
  readonly tenant: string;
}

const DAY_MS = 86_400_000;
const LINES = 'application/x-ndjson';

/** The files of tenants, each in a folder of its own tenant: of others' there is none. */
export const createFiles = ({ objects, clock, randomBytes }: FileDeps) => {
  const putFacts = (tenant: string, facts: KeptFile): Promise<void> =>
    objects.put(fileKeys(tenant, facts.id).facts, Buffer.from(JSON.stringify(facts)), 'application/json');

  const find = async ({ fileId, tenant }: FileInQuestion): Promise<KeptFile | undefined> => {
    if (!FILE_ID_PATTERN.test(fileId)) return undefined;
    const bytes = await objects.get(fileKeys(tenant, fileId).facts);
    if (bytes === undefined) return undefined;
    const facts = factsSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    return facts.isDeleted || facts.expiresAtMs <= clock.nowMs() ? undefined : facts;
  };

  return {
    find,
    /** The content first: facts without it would promise what is not there. */
    keep: async (tenant: string, name: string, content: Uint8Array): Promise<KeptFile> => {
      const createdAtMs = clock.nowMs();
      const facts: KeptFile = {
        id: createFileId(createdAtMs, randomBytes),
        name,
        sizeBytes: content.byteLength,
        createdAtMs,
        expiresAtMs: createdAtMs + limit('result_retention_days') * DAY_MS,
        isDeleted: false,
      };
      await objects.put(fileKeys(tenant, facts.id).content, content, LINES);
      await putFacts(tenant, facts);
      return facts;
    },
    read: async (question: FileInQuestion): Promise<Uint8Array | undefined> =>
      (await find(question)) === undefined
        ? undefined
        : objects.get(fileKeys(question.tenant, question.fileId).content),
    /** What is left of it are its facts, so that nobody finds it, and an empty content. */
    remove: async (question: FileInQuestion): Promise<boolean> => {
      const facts = await find(question);
      if (facts === undefined) return false;
      await putFacts(question.tenant, { ...facts, isDeleted: true });
      await objects.put(fileKeys(question.tenant, question.fileId).content, new Uint8Array(), LINES);
      return true;
    },
  };
};

export type Files = ReturnType<typeof createFiles>;
