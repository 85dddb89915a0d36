import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { RUNBOOK, runbookOf } from '../../stacks/alarm-condition.ts';
import { removeFolders, resourcesOf, settingsOf, synthStack, TWO_POOLS } from './harness.ts';

afterAll(removeFolders);

const operations = readFileSync(resolve(__dirname, '../../docs/operations.md'), 'utf8');
const stack = synthStack(
  settingsOf({ ...TWO_POOLS, default_model: 'haiku', spend_alarm_usd_per_hour: 1, monthly_budget_usd: 1 }),
);
const alarms = [
  ...resourcesOf(stack, 'aws_cloudwatch_metric_alarm'),
  ...resourcesOf(stack, 'aws_cloudwatch_composite_alarm'),
].map(([, { alarm_name, alarm_description }]) => [String(alarm_name), String(alarm_description)] as const);

const [, alarmsChapter = ''] = /^## Alarms$([\s\S]*?)^## /m.exec(operations) ?? [];
const headings = [...alarmsChapter.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading);

describe('docs/operations.md', () => {
  it('has a section for each kind of alarm, and no other', () => {
    expect(headings.toSorted()).toEqual(Object.values(RUNBOOK).toSorted());
  });

  it.each(alarms)('has a section that %s names', (_, description) => {
    const anchor = /^.+\. Runbook: docs\/operations\.md#([a-z0-9-]+)$/.exec(description)?.[1];

    expect(headings.map((heading) => String(heading).toLowerCase().replaceAll(' ', '-'))).toContain(anchor);
    // CloudWatch's own limit.
    expect(description.length).toBeLessThanOrEqual(1024);
  });

  it('is named for its sections', () => {
    expect(runbookOf('no-progress')).toBe('docs/operations.md#work-waits-and-nothing-runs');
  });

  it('has a section behind every link within it', () => {
    const anchors = [...operations.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
      String(heading)
        .toLowerCase()
        .replaceAll(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-'),
    );
    const links = [...operations.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);

    expect(links.filter((anchor) => !anchors.includes(String(anchor)))).toEqual([]);
  });
});

describe('docs/cost.md', () => {
  it('counts the alarms of the deployment as they are', () => {
    const cost = readFileSync(resolve(__dirname, '../../docs/cost.md'), 'utf8');
    const figures = resourcesOf(synthStack(settingsOf()), 'aws_cloudwatch_metric_alarm').map(
      ([, { metric_query }]) =>
        metric_query === undefined
          ? 1
          : (metric_query as readonly { readonly metric?: object }[]).filter(
              ({ metric }) => metric !== undefined,
            ).length,
    );

    expect([figures.length, figures.reduce((total, count) => total + count, 0)]).toEqual([32, 50]);
    expect(cost).toContain('32 with one pool, which look at 50 figures');
  });
});
