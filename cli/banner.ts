import type { Local } from '../local/start-local.ts';
import { QUEUES } from '../shared/contract/names.ts';
import type { Palette } from './colour.ts';

const row = (label: string, value: string, { dim }: Palette): string => `  ${dim(label.padEnd(16))}${value}`;

const tryHttp = ({ ready: { api }, keysRequired }: Local): readonly string[] => {
  const key = keysRequired ? ' -H "x-api-key: $KEY"' : '';
  return [
    ...(keysRequired ? ['KEY=$(npm run --silent smoother -- keys create --local --tenant default)'] : []),
    `curl -s ${api}/v1/requests${key} -H 'content-type: application/json' \\`,
    `  -d '{"custom_id": "first", "prompt": "Say hello.", "max_tokens": 100}'`,
    `curl -s${key} ${api}/v1/requests/REQUEST_ID`,
  ];
};

// Version 1 of the AWS CLI does not read AWS_ENDPOINT_URL_SQS, so the commands name the endpoint.
const tryQueue = ({ ready }: Local): readonly string[] => [
  `export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION=${ready.region}`,
  `aws sqs send-message --endpoint-url ${ready.endpoints.sqs} \\`,
  `  --queue-url ${ready.queues[QUEUES.input]} \\`,
  `  --message-body '{"custom_id": "second", "prompt": "Say hello.", "max_tokens": 100}'`,
  `aws sqs receive-message --endpoint-url ${ready.endpoints.sqs} \\`,
  `  --queue-url ${ready.queues[QUEUES.results]} --wait-time-seconds 20`,
];

const accessOf = ({ keysRequired }: Local): string =>
  keysRequired
    ? ' (asks for keys: smoother keys create --local)'
    : ' (open to every program of this machine; --require-keys asks for keys)';

/** Where everything is, and the first commands to try. */
export const renderBanner = (local: Local, palette: Palette): string => {
  const { ready, embedded } = local;
  const { bold, cyan, dim, green } = palette;
  const simulated = embedded.simulator
    ? ' (simulated: it counts quota as Bedrock does and echoes your text)'
    : '';
  const commands = [...tryHttp(local), '', ...tryQueue(local)];
  return [
    `${green('●')} ${bold('Bedrock Request Smoother')} is ready in ${ready.region}`,
    '',
    row('API', `${cyan(ready.api)}${dim(accessOf(local))}`, palette),
    row('for Anthropic', ready.sdk.anthropic, palette),
    row('for OpenAI', ready.sdk.openai, palette),
    row('for AWS SDKs', `${ready.sdk.aws}${dim(' (AWS_ENDPOINT_URL_BEDROCK_RUNTIME)')}`, palette),
    row('ops page', cyan(ready.ops), palette),
    row('input queue', ready.queues[QUEUES.input] ?? '', palette),
    row('results queue', ready.queues[QUEUES.results] ?? '', palette),
    row(embedded.cloud ? 'cloud' : 'SQS, as given', ready.endpoints.sqs, palette),
    row('Bedrock', `${ready.endpoints.bedrockRuntime}${dim(simulated)}`, palette),
    row('logs', local.logs, palette),
    '',
    bold('  Try'),
    ...commands.map((line) => (line === '' ? '' : `    ${line}`)),
    '',
    dim(
      `  Ctrl+C, or kill ${process.pid}, stops; what was accepted stays in the data folder and goes on at the next start.`,
    ),
    '',
  ].join('\n');
};
