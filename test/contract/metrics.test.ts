import { METRIC_NAMESPACE, METRICS } from '../../shared/contract/metrics.ts';

describe('metrics', () => {
  it('have a namespace that CloudWatch takes and does not keep for itself', () => {
    expect(METRIC_NAMESPACE).toMatch(/^(?!AWS\/)[A-Za-z0-9._\-/#:]{1,255}$/);
  });

  it.each(Object.entries(METRICS))(
    '%s has a name, a unit and dimensions that CloudWatch takes',
    (name, metric) => {
      expect(name).toMatch(/^[A-Z][A-Za-z]{1,254}$/);
      expect(['Count', 'Milliseconds', 'Percent']).toContain(metric.unit);
      expect(metric.dimensions.length).toBeLessThanOrEqual(30);
      expect(new Set<string>(metric.dimensions).size).toBe(metric.dimensions.length);
      expect(metric.meaning).toMatch(/^[A-Z].*\.$/);
    },
  );
});
