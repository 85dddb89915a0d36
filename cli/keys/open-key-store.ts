import { createDocumentClient } from '../../functions/runtime/compose-clients.ts';
import { type Environment, processEnvironment } from '../../functions/runtime/environment.ts';
import { LOCAL_CREDENTIALS } from '../../local/service-addresses.ts';
import { codeOf, UserError } from '../../local/user-error.ts';
import { createDynamoApiKeys } from '../../shared/adapters/dynamo-api-keys.ts';
import { inEnvironment, physicalName } from '../../shared/contract/resources.ts';
import type { Settings } from '../../shared/contract/settings.ts';
import type { ApiKeyStore } from '../../shared/ports/api-key-store.ts';

/** Where the keys lie: in AWS, or in the embedded cloud of a local run. */
export interface KeyPlace {
  readonly local?: true;
  readonly cloud?: string;
}

const LOCAL_ENDPOINT = 'http://127.0.0.1:4566';
const REPORTING = 'reporting';

const isLocal = ({ local, cloud }: KeyPlace): boolean => local === true || cloud !== undefined;

const explain = (error: unknown, place: KeyPlace, where: string): unknown => {
  const { name, message } = error as Error;
  const reason = message === '' ? (codeOf(error) ?? name) : message;
  if (error instanceof UserError || error instanceof TypeError) return error;
  return new UserError(
    isLocal(place)
      ? `The keys of ${where} cannot be reached: ${reason}. They lie in the cloud that \`npm start\` embeds; start it, or name where it is with --cloud.`
      : `The keys in ${where} cannot be reached: ${reason}. Deploy first, check region and credentials, or use --local for those of \`npm start\`.`,
  );
};

const addressOf = (place: KeyPlace, env: Environment) => {
  if (!isLocal(place)) return {};
  const endpoint = place.cloud ?? LOCAL_ENDPOINT;
  const isOwn = (env.AWS_ACCESS_KEY_ID ?? '') === '' && (env.AWS_PROFILE ?? '') === '';
  return place.local === true || isOwn ? { endpoint, credentials: LOCAL_CREDENTIALS } : { endpoint };
};

/** Works with the keys of a deployment; what only the user can mend is told as such. */
export const withKeyStore = async <T>(
  place: KeyPlace,
  settings: Settings,
  work: (keys: ApiKeyStore) => Promise<T>,
): Promise<T> => {
  const { aws_region: region, environment } = settings;
  const table = isLocal(place) ? physicalName(REPORTING) : inEnvironment(environment, REPORTING);
  const address = addressOf(place, processEnvironment());
  const client = createDocumentClient(region, address);
  try {
    return await work(createDynamoApiKeys({ client, table }));
  } catch (error) {
    throw explain(error, place, address.endpoint ?? `${table} (${region})`);
  } finally {
    client.destroy();
  }
};
