import { NAME_PREFIX } from '../../shared/contract/names.ts';
import { APPLICATION_TAG } from '../application-tag.ts';
import { allow, type Statement } from '../policy.ts';
import type { DeployerPlace } from './place.ts';

const actions = (...names: readonly string[]): readonly string[] => names.map((name) => `kms:${name}`);

const OF_RESOURCE = `aws:ResourceTag/${APPLICATION_TAG.name}`;
const OF_REQUEST = `aws:RequestTag/${APPLICATION_TAG.name}`;

/** Keys have no names: they are told by the tag that everything of ours has. */
export const keyPermissions = ({ partition, region, account }: DeployerPlace): readonly Statement[] => {
  const arn = (resource: string): string => `arn:${partition.name}:kms:${region}:${account}:${resource}`;
  const tagged = { StringEquals: { [OF_REQUEST]: APPLICATION_TAG.value } };
  return [
    { ...allow(actions('CreateKey'), ['*']), Condition: tagged },
    // A key is tagged while it is made, when it has no tag yet; one that has another's stays another's.
    {
      ...allow(actions('TagResource'), [arn('key/*')]),
      Condition: { ...tagged, Null: { [OF_RESOURCE]: 'true' } },
    },
    {
      ...allow(
        actions(
          'CreateAlias',
          'CreateGrant',
          'Decrypt',
          'DeleteAlias',
          'DescribeKey',
          'DisableKeyRotation',
          'EnableKeyRotation',
          'Encrypt',
          'GenerateDataKey',
          'GetKeyPolicy',
          'GetKeyRotationStatus',
          'ListResourceTags',
          'PutKeyPolicy',
          'ScheduleKeyDeletion',
          'TagResource',
          'UntagResource',
          'UpdateKeyDescription',
        ),
        [arn('key/*')],
      ),
      Condition: { StringEquals: { [OF_RESOURCE]: APPLICATION_TAG.value } },
    },
    allow(actions('CreateAlias', 'DeleteAlias'), [arn(`alias/${NAME_PREFIX}*`)]),
  ];
};
