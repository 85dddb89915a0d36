import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { tellFailedWrites } from '../../../../local/cloud/dynamodb/tell-failed-writes.ts';

test('a write that comes as the database closes is answered, and is no trouble to tell of', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'dynamodb-'));
  const warned = jest.spyOn(process, 'emitWarning').mockImplementation();
  const { level, put } = tellFailedWrites(() => {
    const opened = new ClassicLevel(join(directory, 'level'));
    return { level: opened, put: opened.put.bind(opened) };
  });
  await put('before', 'it closes');
  await level.close();

  await expect(put('after', 'it has closed')).rejects.toMatchObject({
    statusCode: 500,
    body: { __type: 'com.amazon.coral.service#InternalServerError' },
  });
  expect(warned.mock.calls).toEqual([]);
  warned.mockRestore();
  await rm(directory, { recursive: true, force: true });
});
