import {
  composeIngestion,
  composeQuery,
  createTelemetry,
  type Host,
  type IngestionDeps,
  type QueryDeps,
} from './compose.ts';

/** What is asked there is accepted, waited for and read, as by the two functions behind the other doors. */
export type DoorDeps = IngestionDeps & QueryDeps;

export const composeDoors = (host: Host): DoorDeps => {
  const deps = { ...composeQuery(host), ...composeIngestion(host) };
  return { ...deps, telemetry: createTelemetry('doors', host, deps.settings.environment) };
};
