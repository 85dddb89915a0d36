import { Readable } from 'node:stream';
import { type Incoming, readBody } from '../../../local/lambda/http-body.ts';

const CHUNKED = { 'transfer-encoding': 'chunked' };

const incomingOf = (stream: Readable, headers: Incoming['headers'] = CHUNKED): Incoming =>
  Object.assign(stream, { headers });

it('reads up to the limit', async () => {
  const incoming = incomingOf(Readable.from([Buffer.from('fo'), Buffer.from('ur')]));
  expect(await readBody(incoming, 4)).toEqual({ kind: 'read', bytes: Buffer.from('four') });
});

it('reads nothing as nothing', async () => {
  expect(await readBody(incomingOf(Readable.from([]), {}), 4)).toEqual({
    kind: 'read',
    bytes: Buffer.alloc(0),
  });
});

it('lets go of an endless body at the limit', async () => {
  let chunks = 0;
  const endless = new Readable({
    highWaterMark: 1,
    read() {
      chunks += 1;
      this.push(Buffer.alloc(10));
    },
  });
  expect(await readBody(incomingOf(endless), 25)).toEqual({ kind: 'too_large' });
  await new Promise(setImmediate);
  expect(chunks).toBeLessThan(6);
});

it('does not read a body that is declared too long', async () => {
  const incoming = incomingOf(Readable.from([Buffer.from('short')]), { 'content-length': '26' });
  expect(await readBody(incoming, 25)).toEqual({ kind: 'too_large' });
  expect(incoming.readableFlowing).toBe(null);
});

it('tells a body that breaks off with an error', async () => {
  const incoming = incomingOf(
    new Readable({
      read() {
        this.destroy(new Error('ECONNRESET'));
      },
    }),
  );
  expect(await readBody(incoming, 25)).toEqual({ kind: 'broken' });
});

it('tells a body whose connection is closed before its end', async () => {
  const incoming = incomingOf(new Readable({ read: () => {} }));
  const read = readBody(incoming, 25);
  incoming.destroy();
  expect(await read).toEqual({ kind: 'broken' });
});
