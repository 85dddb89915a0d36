import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { LocalBackend, S3Backend, type TerraformStack } from 'cdktf';
import { APPLICATION_TAG } from './application-tag.ts';
import type { DeployableSettings } from './settings.ts';
import { toTemplateText } from './template-text.ts';

const suffixOf = (environment: string | undefined): string =>
  environment === undefined ? '' : `-${environment}`;

/**
 * In the project's folder, seen from `cdktf.out/stacks/smoother`, where Terraform runs: `cdktf.out` may be removed
 * at any time.
 */
export const stateFile = (environment: string | undefined): string =>
  `../../../terraform.smoother${suffixOf(environment)}.tfstate`;

export const keepState = (
  stack: TerraformStack,
  { environment, aws_region, terraform_state: state }: DeployableSettings,
): void => {
  if (state === undefined) {
    new LocalBackend(stack, { path: stateFile(environment) });
    return;
  }
  new S3Backend(stack, {
    bucket: state.bucket,
    key: state.key ?? `smoother${suffixOf(environment)}/terraform.tfstate`,
    region: state.region ?? aws_region,
    encrypt: true,
  });
  // Newer than cdktf: a lock in the bucket itself, so that no table is needed for it.
  stack.addOverride('terraform.backend.s3.use_lockfile', true);
};

export const addProvider = (
  stack: TerraformStack,
  { aws_region: region, environment, tags }: DeployableSettings,
): void => {
  const own = Object.entries(tags).map(([name, value]) => [toTemplateText(name), toTemplateText(value)]);
  new AwsProvider(stack, 'aws', {
    region,
    defaultTags: [
      {
        tags: {
          [APPLICATION_TAG.name]: APPLICATION_TAG.value,
          ...(environment === undefined ? {} : { Environment: environment }),
          ...Object.fromEntries(own),
        },
      },
    ],
  });
};
