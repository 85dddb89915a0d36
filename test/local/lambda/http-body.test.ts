import { readBody } from '../../../local/lambda/http-body.ts';

function streamOf(
  pull: (controller: ReadableStreamDefaultController) => void,
  cancel: () => void = () => {},
) {
  const init = { method: 'POST', body: new ReadableStream({ pull, cancel }), duplex: 'half' };
  return new Request('http://127.0.0.1/', init as RequestInit);
}

it('reads up to the limit', async () => {
  const request = new Request('http://127.0.0.1/', { method: 'POST', body: 'four' });
  expect(await readBody(request, 4)).toEqual({ kind: 'read', bytes: Buffer.from('four') });
});

it('reads nothing as nothing', async () => {
  expect(await readBody(new Request('http://127.0.0.1/'), 4)).toEqual({
    kind: 'read',
    bytes: Buffer.alloc(0),
  });
});

it('lets go of an endless body at the limit', async () => {
  let chunks = 0;
  let cancelled = false;
  const request = streamOf(
    (controller) => {
      chunks += 1;
      controller.enqueue(new Uint8Array(10));
    },
    () => {
      cancelled = true;
    },
  );
  expect(await readBody(request, 25)).toEqual({ kind: 'too_large' });
  expect(cancelled).toBe(true);
  expect(chunks).toBeLessThan(6);
});

it('does not read a body that is declared too long', async () => {
  const init = { method: 'POST', body: 'short', headers: { 'content-length': '26' } };
  expect(await readBody(new Request('http://127.0.0.1/', init), 25)).toEqual({ kind: 'too_large' });
});

it('tells a body that breaks off', async () => {
  const request = streamOf((controller) => controller.error(new Error('ECONNRESET')));
  expect(await readBody(request, 25)).toEqual({ kind: 'broken' });
});
