import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** One call as IAM judges it. */
export interface Use {
  readonly caller: string;
  readonly action: string;
  readonly resource: string;
}

interface Call {
  readonly service: string;
  readonly method: string;
  readonly url: URL;
  readonly target: string;
  readonly copySource: string | undefined;
  readonly body: string;
  readonly status: number;
}

type Named = Readonly<Record<string, unknown>>;

/** A batch of calls needs the permission of one. */
const sqsUses = ({ target, body }: Call): readonly (readonly [string, string])[] => {
  const name = String((JSON.parse(body) as Named).QueueUrl)
    .split('/')
    .at(-1);
  return [[`sqs:${target.replace(/Batch$/, '')}`, `queue ${name}`]];
};

const dynamoUses = ({ target, body }: Call): readonly (readonly [string, string])[] => {
  const { TableName, IndexName, RequestItems } = JSON.parse(body) as Named;
  const tables = TableName === undefined ? Object.keys(RequestItems as Named) : [String(TableName)];
  const index = IndexName === undefined ? '' : ` index ${String(IndexName)}`;
  return tables.map((table) => [`dynamodb:${target}`, `table ${table}${index}`]);
};

const folderOf = (path: string): string => `folder ${path.split('/').slice(2, 3).join('/')}/`;

const s3Uses = ({ method, url, copySource, status }: Call): readonly (readonly [string, string])[] => {
  const folder = folderOf(decodeURIComponent(url.pathname));
  if (copySource !== undefined)
    return [
      ['s3:GetObject', folderOf(`/${decodeURIComponent(copySource).replace(/^\//, '')}`)],
      ['s3:PutObject', folder],
    ];
  if (method === 'PUT') return [['s3:PutObject', folder]];
  // Whoever may not list is told "denied" of an object that is not there.
  const gone: readonly (readonly [string, string])[] = status === 404 ? [['s3:ListBucket', 'bucket']] : [];
  return method === 'GET' || method === 'HEAD'
    ? [['s3:GetObject', folder], ...gone]
    : [[`s3:${method}`, folder]];
};

const bedrockUses = ({ url }: Call): readonly (readonly [string, string])[] => {
  const [, , model = '', operation = ''] = decodeURIComponent(url.pathname).split('/');
  const action = /stream$/.test(operation) ? 'InvokeModelWithResponseStream' : 'InvokeModel';
  return [[`bedrock:${action}`, `model ${model}`]];
};

const USES: Readonly<Record<string, (call: Call) => readonly (readonly [string, string])[]>> = {
  sqs: sqsUses,
  dynamodb: dynamoUses,
  s3: s3Uses,
  bedrock: bedrockUses,
  servicequotas: ({ target }) => [[`servicequotas:${target}`, 'quotas']],
};

/** The key and the service of a signature, in a header or in a URL that was signed. */
const signatureOf = (message: IncomingMessage, url: URL) => {
  const credential =
    /Credential=([^,]+)/.exec(message.headers.authorization ?? '')?.[1] ??
    url.searchParams.get('X-Amz-Credential') ??
    '';
  const [caller = '', , , service = ''] = credential.split('/');
  return { caller, service };
};

export interface Recorder {
  readonly endpoint: string;
  readonly uses: readonly Use[];
  close(): Promise<void>;
}

const forward = (
  message: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
  to: URL,
): Promise<number> =>
  new Promise((resolve) => {
    const { method = 'GET', headers } = message;
    const asked = request(to, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
      resolve(answer.statusCode ?? 502);
    });
    const giveUp = () => {
      asked.destroy();
      response.destroy();
      resolve(0);
    };
    asked.on('error', giveUp);
    // A caller that goes takes its question along, as without us.
    response.on('close', () => {
      if (!response.writableFinished) giveUp();
    });
    asked.end(body);
  });

/** Stands before services and writes down who asked them for what. */
export const startRecorder = async (
  endpoint: string,
  isRecorded: (caller: string) => boolean,
): Promise<Recorder> => {
  const uses: Use[] = [];
  const answer = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(message);
    const url = new URL(message.url ?? '/', endpoint);
    const status = await forward(message, response, body, url);
    const { caller, service } = signatureOf(message, url);
    if (!isRecorded(caller)) return;
    const call: Call = {
      service,
      method: message.method ?? 'GET',
      url,
      target:
        String(message.headers['x-amz-target'] ?? '')
          .split('.')
          .at(-1) ?? '',
      copySource: message.headers['x-amz-copy-source'] as string | undefined,
      body: body.toString('utf8'),
      status,
    };
    const found = USES[service]?.(call) ?? [[`${service}:?`, url.pathname]];
    uses.push(...found.map(([action, resource]) => ({ caller, action, resource })));
  };
  const server: Server = createServer((message, response) => {
    answer(message, response).catch((error: unknown) => {
      uses.push({ caller: 'recorder', action: String(error), resource: message.url ?? '' });
      response.destroy();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    uses,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
};
