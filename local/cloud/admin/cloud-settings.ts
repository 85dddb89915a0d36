import { DEFAULT_FAIRNESS, FAIRNESS_MODES, type FairnessMode } from '../sqs/fair-order.ts';

/** What can be changed while the cloud runs. It holds until the cloud stops. */
export interface CloudSettings {
  readonly fairness: FairnessMode;
  /**
   * Whether SQS may give a message to a poller that has gone, as the real one can: it is then lost to everybody
   * until its visibility timeout ends.
   */
  readonly lossyAbort: boolean;
}

export const DEFAULT_SETTINGS: CloudSettings = { fairness: DEFAULT_FAIRNESS, lossyAbort: false };

export class LiveSettings {
  readonly #onChange: (settings: CloudSettings) => void;
  #current: CloudSettings;

  constructor(settings: CloudSettings, onChange: (settings: CloudSettings) => void) {
    this.#current = settings;
    this.#onChange = onChange;
  }

  get current(): CloudSettings {
    return this.#current;
  }

  change(changes: Partial<CloudSettings>): void {
    this.#current = { ...this.#current, ...changes };
    this.#onChange(this.#current);
  }
}

/** All that is wrong is told at once, and then nothing is changed. */
export type SettingsChange =
  | { readonly kind: 'settings'; readonly changes: Partial<CloudSettings> }
  | { readonly kind: 'problems'; readonly problems: readonly string[] };

export function parseSettingsChange(body: string): SettingsChange {
  const given = parseObject(body);
  if (given === undefined) return { kind: 'problems', problems: ['The body must be a JSON object.'] };
  const problems = Object.entries(given).flatMap(([name, value]) => problemOf(name, value) ?? []);
  return problems.length > 0 ? { kind: 'problems', problems } : { kind: 'settings', changes: given };
}

function problemOf(name: string, value: unknown): string | undefined {
  const said = JSON.stringify(value);
  switch (name) {
    case 'fairness':
      if (FAIRNESS_MODES.some((mode) => mode === value)) return undefined;
      return `fairness must be one of ${FAIRNESS_MODES.join(', ')}, but is ${said}.`;
    case 'lossyAbort':
      return typeof value === 'boolean' ? undefined : `lossyAbort must be true or false, but is ${said}.`;
    default:
      return `There is no setting ${JSON.stringify(name)}: use ${Object.keys(DEFAULT_SETTINGS).join(' or ')}.`;
  }
}

function parseObject(text: string): object | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
