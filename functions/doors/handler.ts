import type { Host } from '../runtime/compose.ts';
import { composeDoors } from '../runtime/compose-doors.ts';
import { processEnvironment } from '../runtime/environment.ts';
import { type Door, toStreamHandler } from '../runtime/http-handler.ts';
import { createDoorsApp } from './doors-app.ts';

/** The doors of SDKs, apart from all others because their calls are kept open until the answer. */
export const createDoors = (host: Host): Door => {
  const deps = composeDoors(host);
  return { app: createDoorsApp(deps), flush: deps.telemetry.flush };
};

export const streamHandler = toStreamHandler(() => createDoors({ env: processEnvironment() }));
