import { regionOf } from '../arn.ts';
import type { DeployableSettings } from '../settings.ts';
import type { Outputs } from './deployed-contents.ts';

/** The first that keeps a lock beside the state in S3. */
const OLDEST_TERRAFORM = [1, 10] as const;

/** A sentence where this Terraform is too old. */
export const versionFault = (version: string): string | undefined => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_TERRAFORM;
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
    ? undefined
    : `Terraform ${version} is on the PATH and ${OLDEST_TERRAFORM.join('.')} is needed: install that or a newer one, https://developer.hashicorp.com/terraform/install.`;
};

/** A sentence where the settings name another region than the deployment lies in: all would be made anew, there. */
export const regionFault = (
  outputs: Outputs,
  { aws_region: region, environment }: DeployableSettings,
): string | undefined => {
  const deployed = regionOf(outputs.alarm_topic_arn?.value);
  return deployed === undefined || deployed === region
    ? undefined
    : `This deployment lies in ${deployed} and aws_region is ${region}, where all of it would be made anew while the old one is forgotten: set aws_region to ${deployed}, or name another \`environment\`${environment === undefined ? '' : ` than ${environment}`}.`;
};

/** A sentence where Terraform's state was kept in a file and is now looked for in S3. */
export const stateFault = (
  file: string | undefined,
  folder: string,
  { terraform_state: state }: DeployableSettings,
): string | undefined =>
  file === undefined || state === undefined
    ? undefined
    : `What is deployed is written down in ${file}, and terraform_state names the bucket ${state.bucket}: move it there with \`terraform -chdir=${folder} init -reconfigure\` and \`terraform -chdir=${folder} state push ${file}\`, and remove the file.`;
