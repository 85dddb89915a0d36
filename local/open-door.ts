import { tellClientLeft } from '../functions/runtime/client-left.ts';
import { ROUTES } from '../shared/contract/routes.ts';
import type { Settings } from '../shared/contract/settings.ts';
import type { createOpsPage } from './console/ops-page.ts';
import { createDoorHost } from './door-host.ts';
import { type HttpGateway, startHttpGateway } from './lambda/http-gateway.ts';
import type { LocalFunctions } from './start-functions.ts';
import { codeOf, UserError } from './user-error.ts';

/** The HTTP API, with the local page in front of it. */
export const openDoor = async (
  port: number,
  settings: Pick<Settings, 'aws_region' | 'cors_origins'>,
  functions: LocalFunctions,
  page: ReturnType<typeof createOpsPage>,
  onError: (error: unknown) => void,
): Promise<HttpGateway> => {
  try {
    return await startHttpGateway({
      port,
      region: settings.aws_region,
      origins: settings.cors_origins,
      routes: ROUTES,
      functions: functions.http,
      // The function whose app knows every route, to say what is allowed.
      fallback: 'query',
      intercept: page,
      functionUrl: createDoorHost(functions.doors),
      onEvent: tellClientLeft,
      onError,
    });
  } catch (error) {
    if (codeOf(error) === 'EADDRINUSE')
      throw new UserError(
        `Port ${port} for the API is taken; choose another with --port, or 0 for any free one.`,
      );
    if (codeOf(error) === 'EACCES')
      throw new UserError(`Port ${port} for the API may not be used; choose one above 1023 with --port.`);
    throw error;
  }
};
