import { CloudwatchDashboard } from '@cdktf/provider-aws/lib/cloudwatch-dashboard';
import { Construct } from 'constructs';
import type { Figure } from '../alarm-condition.ts';

/** One line of a graph. */
export interface Line {
  readonly label: string;
  /** `p50` and the like for what is a distribution; without it the figure's own. */
  readonly statistic?: string;
  readonly figure: Figure;
}

export interface Graph {
  readonly title: string;
  readonly lines: readonly Line[];
}

/** What somebody wants to know, and the graphs that tell. */
export interface Question {
  readonly question: string;
  readonly graphs: readonly Graph[];
}

export interface DashboardProps {
  readonly name: string;
  readonly region: string;
  readonly questions: readonly Question[];
}

/** Columns of a dashboard. */
const COLUMNS = 24;
const HEADING_ROWS = 1;
const GRAPH_ROWS = 6;
const PERIOD_SECONDS = 60;

const toMetrics = ({ label, statistic, figure }: Line, line: number): readonly unknown[] => {
  if (!('expression' in figure)) {
    const { namespace, metricName, dimensions } = figure.metric;
    const stat = statistic ?? figure.statistic;
    return [[namespace, metricName, ...Object.entries(dimensions).flat(), { label, stat }]];
  }
  // Ids are shared by the whole graph.
  const idOf = (id: string): string => `m${line}_${id}`;
  const ids = Object.keys(figure.terms);
  const expression = ids.reduce(
    (text, id) => text.replaceAll(new RegExp(`\\b${id}\\b`, 'g'), idOf(id)),
    figure.expression,
  );
  return [
    [{ expression, label, id: `e${line}` }],
    ...Object.entries(figure.terms).map(([id, { metric, statistic: stat }]) => [
      metric.namespace,
      metric.metricName,
      ...Object.entries(metric.dimensions).flat(),
      { id: idOf(id), stat, visible: false },
    ]),
  ];
};

const toWidgets = (questions: readonly Question[], region: string): readonly unknown[] => {
  let y = 0;
  return questions.flatMap(({ question, graphs }) => {
    const heading = {
      type: 'text',
      x: 0,
      y,
      width: COLUMNS,
      height: HEADING_ROWS,
      properties: { markdown: `## ${question}`, background: 'transparent' },
    };
    const width = Math.floor(COLUMNS / graphs.length);
    const widgets = graphs.map(({ title, lines }, index) => ({
      type: 'metric',
      x: index * width,
      y: y + HEADING_ROWS,
      width,
      height: GRAPH_ROWS,
      properties: {
        title,
        region,
        view: 'timeSeries',
        period: PERIOD_SECONDS,
        metrics: lines.flatMap(toMetrics),
      },
    }));
    y += HEADING_ROWS + GRAPH_ROWS;
    return [heading, ...widgets];
  });
};

/** The answers to a few questions, one row for each. */
export class Dashboard extends Construct {
  readonly name: string;

  constructor(scope: Construct, id: string, { name, region, questions }: DashboardProps) {
    super(scope, id);
    const dashboard = new CloudwatchDashboard(this, 'dashboard', {
      dashboardName: name,
      dashboardBody: JSON.stringify({ widgets: toWidgets(questions, region) }),
    });
    this.name = dashboard.dashboardName;
  }
}
