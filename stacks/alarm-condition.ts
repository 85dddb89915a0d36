import type { Metric } from './metric.ts';

/** The sections of docs/operations.md, one for each kind of alarm. */
export const RUNBOOK = {
  'model-errors': 'Model calls fail',
  'model-client-errors': 'Bedrock refuses calls',
  'model-server-errors': 'Bedrock fails',
  'model-throttles': 'Bedrock throttles',
  'dead-letters': 'Dead letters wait',
  'oldest-input': 'The input queue is not emptied',
  'oldest-waiting': 'Requests wait long',
  'no-progress': 'Work waits and nothing runs',
  'quota-use': 'The quota is used up',
  'function-errors': 'A function fails',
  'function-throttles': 'A function is throttled',
  'function-duration': 'A function runs out of time',
  'api-4xx': 'The API refuses much',
  'api-5xx': 'The API fails',
  damage: 'Requests were lost and found',
  spend: 'Calls cost more than expected',
  unwell: 'The pipeline is unwell',
} as const;

export type RunbookSection = keyof typeof RUNBOOK;

export type Statistic = 'Sum' | 'Maximum' | 'Average';

export interface Term {
  readonly metric: Metric;
  readonly statistic: Statistic;
}

/** A figure as it is kept, or one computed of several in CloudWatch's own words. */
export type Figure =
  | Term
  | { readonly expression: string; readonly label: string; readonly terms: Readonly<Record<string, Term>> };

export interface Condition {
  /** Within the deployment. */
  readonly name: string;
  /** What is the matter, and what to do first. */
  readonly description: string;
  readonly section: RunbookSection;
  readonly figure: Figure;
  /** The least figure that alarms. */
  readonly threshold: number;
  readonly periodSeconds: number;
  /** Periods in a row. */
  readonly periods: number;
  /** Whether it alone means that the pipeline does not do its work. */
  readonly isUnwell: boolean;
}

export const MINUTES_5 = 300;
export const HOUR = 3600;

const anchorOf = (section: RunbookSection): string => RUNBOOK[section].toLowerCase().replaceAll(' ', '-');

/** Where the runbook says what to do. */
export const runbookOf = (section: RunbookSection): string => `docs/operations.md#${anchorOf(section)}`;
