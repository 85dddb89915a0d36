import { DEPLOYMENT_SETTINGS, FOR_FUNCTIONS } from '../shared/contract/deployment-settings.ts';
import type { Settings } from '../shared/contract/settings.ts';

/** What no function asks for: a change of it changes no function, and a function's environment is small. */
const NOT_FOR_FUNCTIONS: readonly string[] = [
  ...Object.keys(DEPLOYMENT_SETTINGS).filter((name) => !FOR_FUNCTIONS.includes(name)),
  'notification_email',
  'alarm_threshold',
  'alarm_evaluation_periods',
  'dashboard_name',
  'log_retention_days',
];

/** The settings as the functions get them; those that are left out have their defaults there. */
export const toFunctionSettings = (settings: Settings): Partial<Settings> =>
  Object.fromEntries(Object.entries(settings).filter(([name]) => !NOT_FOR_FUNCTIONS.includes(name)));
