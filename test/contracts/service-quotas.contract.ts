import type { ServiceQuotas } from '../../shared/ports/service-quotas.ts';
import type { Subject } from './subject.ts';

export interface ServiceQuotasSubject extends Subject<ServiceQuotas> {
  /** From now on so many tokens a minute are granted; answers with the name that this quota has. */
  readonly grant: (tokensPerMinute: number) => Promise<string>;
  /** From now on nobody can look. */
  readonly fail: () => Promise<void>;
}

const PATIENCE_MS = 10_000;

export const describeServiceQuotas = (name: string, open: () => Promise<ServiceQuotasSubject>): void => {
  describe(`${name} as what AWS grants`, () => {
    let subject: ServiceQuotasSubject;

    beforeAll(async () => {
      subject = await open();
    });

    it.each(['applied', 'default'] as const)('lists every quota as it is now: %s', async (which) => {
      for (const granted of [123_000, 456_000]) {
        const named = await subject.grant(granted);
        const listed = await subject.run(subject.port.list(which, PATIENCE_MS));
        expect(listed.filter((quota) => quota.name === named).map(({ value }) => value)).toEqual([granted]);
      }
    });

    it('tells each by a code of its own', async () => {
      await subject.grant(1_000);
      const codes = (await subject.run(subject.port.list('applied', PATIENCE_MS))).map(({ code }) => code);
      expect(codes.filter((code) => code.trim() === '')).toEqual([]);
      expect(new Set(codes).size).toBe(codes.length);
    });

    it('rejects when it cannot be read', async () => {
      await subject.fail();
      await expect(subject.run(subject.port.list('applied', PATIENCE_MS))).rejects.toThrow();
    });
  });
};
