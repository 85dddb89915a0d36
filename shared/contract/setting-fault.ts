export interface SettingFault {
  /** Where in the settings, such as `models.haiku.quota.tokens_per_minute`. */
  readonly setting: string;
  readonly detail: string;
}
