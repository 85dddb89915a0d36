import type { Settings } from '../shared/contract/settings.ts';

/** An environment's dashboard lies beside those of the others. */
export const dashboardName = ({
  dashboard_name: name,
  environment,
}: Pick<Settings, 'dashboard_name' | 'environment'>): string =>
  environment === undefined ? name : `${name}-${environment}`;
