import { createServer, type Server } from 'node:http';
import { S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { createSqsClient } from '../../../functions/runtime/compose-clients.ts';
import { type Outputs, readContents } from '../../../stacks/commands/deployed-contents.ts';
import { type EmbeddedCloud, startEmbeddedCloud } from '../../adapters/embedded-cloud.ts';

/** A bucket that says what it holds; the embedded one has no versions. */
const startBucket = async (
  versions: string,
): Promise<{ readonly endpoint: string; readonly server: Server }> => {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/xml');
    response.end(`<ListVersionsResult>${versions}</ListVersionsResult>`);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { endpoint: `http://127.0.0.1:${port}`, server };
};

describe('what lies in a deployment', () => {
  let cloud: EmbeddedCloud;

  beforeAll(async () => {
    cloud = await startEmbeddedCloud();
  });

  afterAll(() => cloud.stop());

  const read = async (outputs: Outputs, versions = '') => {
    const { endpoint, server } = await startBucket(versions);
    try {
      return await readContents(
        {
          sqs: createSqsClient('us-east-1', cloud.address),
          s3: new S3Client({ ...cloud.address, region: 'us-east-1', endpoint, forcePathStyle: true }),
        },
        outputs,
      );
    } finally {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  };

  const urlOf = (name: string): string => `${cloud.urlPrefix}${name}`;
  const outputs = (): Outputs => ({
    input_queue_url: { value: urlOf('input') },
    batches_queue_url: { value: urlOf('batches') },
    results_queue_url: { value: urlOf('results') },
    hold_queue_urls: { value: { a: urlOf('hold-haiku-low-express'), b: urlOf('parked-haiku') } },
    dead_letter_queue_urls: { value: { 'input-dlq': urlOf('input-dlq') } },
    bucket: { value: 'the-bucket' },
  });

  it('is nothing where nothing was created', async () => {
    expect(await read({})).toEqual({ hasObjects: false, messages: {} });
  });

  it('is counted by queue, whether a message waits, is delayed or lies with the dead', async () => {
    const send = (name: string, DelaySeconds = 0) =>
      cloud.sqs.send(new SendMessageCommand({ QueueUrl: urlOf(name), MessageBody: 'one', DelaySeconds }));
    await send('parked-haiku', 900);
    await send('input-dlq');
    await send('input-dlq');
    await send('batches');

    expect(await read(outputs())).toEqual({
      hasObjects: false,
      messages: { 'smoother-parked-haiku': 1, 'smoother-input-dlq': 2, 'smoother-batches': 1 },
    });
  });

  it.each([
    ['an object', '<Version><Key>a</Key><VersionId>1</VersionId></Version>'],
    [
      'one that was removed and can be brought back',
      '<DeleteMarker><Key>a</Key><VersionId>1</VersionId></DeleteMarker>',
    ],
  ])('is %s in the bucket', async (_, versions) => {
    expect(await read(outputs(), versions)).toMatchObject({ hasObjects: true });
  });
});
