import { CloudwatchDashboard } from '@cdktf/provider-aws/lib/cloudwatch-dashboard';
import { Construct } from 'constructs';
import { type Metric, metricOf } from '../metric.ts';

export interface DashboardProps {
  readonly name: string;
  readonly region: string;
  readonly pools: readonly string[];
}

const PERIOD_SECONDS = 60;

/** Of the 24 columns that a dashboard has. */
const WIDGET = { width: 24, height: 6 } as const;

const toLine = (label: string, { namespace, metricName, dimensions }: Metric) => [
  namespace,
  metricName,
  ...Object.entries(dimensions).flat(),
  { label },
];

const toWidget = (pool: string, index: number, region: string) => ({
  type: 'metric',
  x: 0,
  y: index * WIDGET.height,
  ...WIDGET,
  properties: {
    title: pool,
    region,
    view: 'timeSeries',
    stat: 'Sum',
    period: PERIOD_SECONDS,
    metrics: [
      toLine('succeeded', metricOf('RequestsSucceeded', { pool })),
      toLine('throttles', metricOf('ModelThrottles', { pool })),
      toLine('errors', metricOf('ModelErrors', { pool })),
    ],
  },
});

/** Successes, throttles and errors of every pool. */
export class Dashboard extends Construct {
  readonly name: string;

  constructor(scope: Construct, id: string, { name, region, pools }: DashboardProps) {
    super(scope, id);
    const dashboard = new CloudwatchDashboard(this, 'dashboard', {
      dashboardName: name,
      dashboardBody: JSON.stringify({
        widgets: pools.map((pool, index) => toWidget(pool, index, region)),
      }),
    });
    this.name = dashboard.dashboardName;
  }
}
