import { z } from 'zod';
import type { SettingFault } from './setting-fault.ts';

/** Part of every name, the longest of which is the bucket's: 63 characters with the account and the longest region. */
const ENVIRONMENT = /^[a-z](?:[a-z0-9-]{0,10}[a-z0-9])?$/;

const KMS_KEY = /^(aws|create|arn:[^:]+:kms:[^:]+:\d{12}:key\/[\w-]+)$/;

const POLICY = /^arn:[^:]+:iam::(\d{12}|aws):policy\/[\w+=,.@/-]+$/;

const STATE_BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** What every service takes: https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html */
const TAG_NAME = /^(?!aws:)[\p{L}\p{N} _.:/=+@-]{1,128}$/iu;
const TAG_VALUE = /^[\p{L}\p{N} _.:/=+@-]{0,256}$/u;

/** AWS's 50, less the deployment's own. */
const MOST_TAGS = 48;

/** Tags that the deployment sets itself, and by which the role that deploys tells keys. */
const OWN_TAGS = ['Application', 'Environment'];

/** Roles of an environment that begins so would be taken for the role that deploys, which may not change itself. */
const DEPLOYER = 'deployer';

const PRINCIPAL = /^(\d{12}|arn:[^:]+:(iam|sts)::\d{12}:[\w+=,.@/-]+)$/;

export const jwtSchema = z.strictObject({
  issuer: z
    .url({ protocol: /^https$/, error: 'must be an address with https' })
    .meta({ description: 'Who signs the tokens; its keys are found below this address.' }),
  audience: z
    .array(z.string().min(1))
    .min(1)
    .max(50)
    .meta({ description: 'Whom a token must be meant for: one of these.' }),
  tenant_claim: z.string().min(1).max(200).optional().meta({
    description:
      'The claim of a token that names its tenant; one without it is refused. Unset, every token is the tenant `default`.',
  }),
});

export const terraformStateSchema = z.strictObject({
  bucket: z
    .string()
    .regex(STATE_BUCKET, 'must be the name of an S3 bucket: 3-63 small letters, digits, `.` and `-`')
    .meta({ description: 'An S3 bucket that exists, with versioning.' }),
  key: z.string().min(1).max(1024).optional().meta({
    description: 'The object’s key; without it `smoother/terraform.tfstate`, with the environment in it.',
  }),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region such as us-east-1')
    .optional()
    .meta({ description: 'Where the bucket lies; without it `aws_region`.' }),
});

/** What the deployment asks for; `FOR_FUNCTIONS` of it the functions are told as well. */
export const DEPLOYMENT_SETTINGS = {
  environment: z
    .string()
    .regex(ENVIRONMENT, 'must be 1-12 small letters, digits and `-`, beginning with a letter')
    .refine(
      (name) => !name.startsWith(DEPLOYER),
      'must not begin with `deployer`, as the role that deploys does',
    )
    .optional()
    .meta({
      description:
        'Name of one deployment of several in an account: part of every name, and the tag `Environment`.',
    }),
  tags: z
    .record(
      z.string(),
      z.string().regex(TAG_VALUE, 'must be at most 256 letters, digits, spaces and `_ . : / = + - @`'),
    )
    .default({})
    .meta({
      description: 'Tags of everything that is created, beside `Application`.',
    }),
  terraform_state: terraformStateSchema.optional().meta({
    description:
      'Where Terraform keeps its state: unset, in a file in the project’s folder; else in S3, with a lock.',
  }),
  kms_key: z.string().regex(KMS_KEY, 'must be `aws`, `create` or the ARN of a KMS key').default('aws').meta({
    description:
      'What everything is encrypted with: keys that the services own (`aws`), one key of its own (`create`, $1 a month), or the key of an ARN.',
  }),
  deletion_protection: z.boolean().default(false).meta({
    description: 'Whether AWS and Terraform refuse to remove the tables and the bucket.',
  }),
  permissions_boundary: z.string().regex(POLICY, 'must be the ARN of an IAM policy').optional().meta({
    description:
      'The IAM policy that bounds what the functions’ roles may do; unset, nothing but their own policies does.',
  }),
  input_queue_senders: z
    .array(
      z
        .string()
        .regex(PRINCIPAL, 'must be an account of 12 digits, or the ARN of a role, a user or an account'),
    )
    .max(50)
    .default([])
    .meta({
      description: 'Accounts and principals that may send to the input queue, beside those of this account.',
    }),
  api_authorization: z.literal(['iam', 'jwt', 'api_key', 'none']).default('iam').meta({
    description:
      'Who may call the API: whoever signs with AWS credentials (`iam`), shows a token (`jwt`) or an API key (`api_key`). The local run asks for keys with `api_key` and else for nothing (`none`), which cannot be deployed.',
  }),
  jwt: jwtSchema.optional().meta({ description: 'With `api_authorization` `jwt`: whose tokens are taken.' }),
  api_requests_per_second: z.number().int().min(1).max(10_000).default(500).meta({
    description: 'Most requests a second over HTTP; more are answered 429.',
  }),
  api_burst_requests: z.number().int().min(1).max(5_000).default(1_000).meta({
    description: 'Most requests over HTTP at once.',
  }),
  function_url: z.boolean().default(false).meta({
    description:
      'Whether reads are answered at a function URL too, streamed: up to 200 MB and 15 minutes, where the API ends at 6 MB and 30 seconds.',
  }),
  reserve_concurrency: z.boolean().default(true).meta({
    description:
      'Whether drains and reads have concurrency of their own; needs an account whose limit is 200 and more.',
  }),
  spend_alarm_usd_per_hour: z.number().min(0.01).optional().meta({
    description: 'US dollars for model calls in an hour before the alarm; unset, there is none.',
  }),
  monthly_budget_usd: z.number().min(1).optional().meta({
    description: 'A budget for the whole account in US dollars a month, told of at 80 and 100 %.',
  }),
};

/** The environment names metrics; the others say who a caller is. */
export const FOR_FUNCTIONS: readonly string[] = ['environment', 'api_authorization', 'jwt'];

const jwtFaults = ({
  api_authorization: by,
  jwt,
}: Readonly<Record<string, unknown>>): readonly SettingFault[] => {
  if (by === 'jwt' && jwt === undefined)
    return [{ setting: 'jwt', detail: 'is needed with `api_authorization` `jwt`: `{issuer, audience}`' }];
  return jwt !== undefined && by !== 'jwt'
    ? [{ setting: 'jwt', detail: 'means nothing unless `api_authorization` is `jwt`' }]
    : [];
};

const tagFaults = (tags: unknown): readonly SettingFault[] => {
  const names = typeof tags === 'object' && tags !== null ? Object.keys(tags) : [];
  return [
    ...names
      .filter((name) => !TAG_NAME.test(name))
      .map((name) => ({
        setting: `tags.${name}`,
        detail:
          'must be named by 1-128 letters, digits, spaces and `_ . : / = + - @`, not beginning with `aws:`',
      })),
    ...names
      .filter((name) => OWN_TAGS.includes(name))
      .map((name) => ({
        setting: `tags.${name}`,
        detail: 'is a tag that the deployment sets itself: name yours otherwise',
      })),
    ...(names.length > MOST_TAGS
      ? [{ setting: 'tags', detail: `must be at most ${MOST_TAGS}, not ${names.length}` }]
      : []),
  ];
};

/** Rules between them. */
export const deploymentFaults = (context: Readonly<Record<string, unknown>>): readonly SettingFault[] => [
  ...jwtFaults(context),
  ...tagFaults(context.tags),
];
