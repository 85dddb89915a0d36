import { S3Client } from '@aws-sdk/client-s3';
import { createS3Uploads } from '../../shared/adapters/s3-uploads.ts';

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };

const urlOf = async (
  client: S3Client,
  bucket: string,
  options: { readonly expiresInSeconds: number; readonly sizeBytes?: number },
) => {
  const { url, headers } = await createS3Uploads({ client, bucket }).allowPut('uploads/bat_1.jsonl', options);
  client.destroy();
  return { url: new URL(url), headers };
};

describe('uploads to S3', () => {
  it('go to the bucket in its region, signed for as long as they are allowed', async () => {
    const client = new S3Client({ region: 'eu-west-1', credentials });
    const { url, headers } = await urlOf(client, 'calls', { expiresInSeconds: 3600 });
    expect(url.origin + url.pathname).toBe('https://calls.s3.eu-west-1.amazonaws.com/uploads/bat_1.jsonl');
    expect(url.searchParams.get('X-Amz-Expires')).toBe('3600');
    expect(url.searchParams.get('X-Amz-SignedHeaders')).toBe('host');
    expect(url.searchParams.get('X-Amz-Credential')).toMatch(
      /^AKIDEXAMPLE\/\d{8}\/eu-west-1\/s3\/aws4_request$/,
    );
    expect(url.searchParams.get('X-Amz-Signature')).toMatch(/^[0-9a-f]{64}$/);
    expect(headers).toEqual({});
  });

  it('are bound to a size by a signed header', async () => {
    const client = new S3Client({ region: 'eu-west-1', credentials });
    const { url, headers } = await urlOf(client, 'calls', { expiresInSeconds: 60, sizeBytes: 1234 });
    expect(headers).toEqual({ 'content-length': '1234' });
    expect(url.searchParams.get('X-Amz-SignedHeaders')).toBe('content-length;host');
  });

  it('go to where the client sends everything else, too', async () => {
    const client = new S3Client({
      region: 'us-east-1',
      credentials,
      endpoint: 'http://127.0.0.1:4566',
      forcePathStyle: true,
    });
    const { url } = await urlOf(client, 'calls', { expiresInSeconds: 60 });
    expect(url.origin + url.pathname).toBe('http://127.0.0.1:4566/calls/uploads/bat_1.jsonl');
  });

  it('carry the token of a session', async () => {
    const client = new S3Client({
      region: 'us-east-1',
      credentials: { ...credentials, sessionToken: 'a+token/of=it' },
    });
    const { url } = await urlOf(client, 'calls', { expiresInSeconds: 60 });
    expect(url.searchParams.get('X-Amz-Security-Token')).toBe('a+token/of=it');
  });
});
