import { type AwsAnswer, inXml } from './ask-aws.ts';
import { type Finding, failed, ok } from './finding.ts';

const CHECK = 'credentials';

export interface JudgedIdentity {
  readonly finding: Finding;
  /** Known once AWS has said who signs. */
  readonly account?: string;
}

const REMEDIES: Readonly<Record<string, string>> = {
  ExpiredToken: 'Sign in again (such as `aws sso login`), or get new temporary credentials.',
  ExpiredTokenException: 'Sign in again (such as `aws sso login`), or get new temporary credentials.',
  InvalidClientTokenId:
    'AWS does not know this access key in this region: check AWS_ACCESS_KEY_ID or AWS_PROFILE, AWS_SESSION_TOKEN where the key is a temporary one, and that the account has the region enabled.',
  SignatureDoesNotMatch:
    'The secret key does not belong to the access key, or the clock of this machine is wrong: check AWS_SECRET_ACCESS_KEY and the clock.',
  RequestExpired: 'Set the clock of this machine (such as by NTP).',
};

/** Of GetCallerIdentity, which needs no permission. */
export const judgeIdentity = (answer: AwsAnswer, region: string): JudgedIdentity => {
  if (answer.kind === 'silent')
    return {
      finding: failed(
        CHECK,
        `AWS STS in ${region} cannot be reached: ${answer.reason}.`,
        'Check that the region exists (aws_region of cdktf.json, or --context aws_region=…), and the network; a proxy of the environment is not used.',
      ),
    };
  if (answer.kind === 'refused')
    return {
      finding: failed(
        CHECK,
        `AWS refuses them: ${answer.fault}. ${answer.message}`.trim(),
        REMEDIES[answer.fault] ?? 'Check AWS_PROFILE, or the variables AWS_ACCESS_KEY_ID and so on.',
      ),
    };
  const arn = inXml(answer.text, 'Arn');
  const account = inXml(answer.text, 'Account');
  if (arn === undefined || account === undefined)
    return {
      finding: failed(
        CHECK,
        'What answers as AWS STS is something else.',
        'Check AWS_ENDPOINT_URL_STS and proxies.',
      ),
    };
  return { finding: ok(CHECK, arn), account };
};
