import { expect, it } from 'vitest'
import { metricsIn, metricsOf, unknownMetrics } from './expressions.ts'

it.each([
  ['up{job="conductor"} == 0', ['up']],
  ['sum without (status) (a_total{status=~"b|c"}) > 0', ['a_total']],
  ['rate(a_total{x="}"}[$__rate_interval]) / on (job) group_left (name) b', ['a_total', 'b']],
  ['time() - a_seconds offset 5m and b unless bool_c', ['a_seconds', 'b', 'bool_c']],
  ['histogram_quantile(0.9, sum by (le) (rate(a_bucket[5m])))', ['a_bucket']],
])('finds the metrics of %s', (expression, names) => {
  expect(metricsIn(expression)).toEqual(names)
})

it('names a metric that is not exported, and where it is read', () => {
  const exported = metricsOf('# HELP a Text.\n# TYPE a gauge\na{b="c"} 1\nd 2\n# TYPE e gauge\n')
  expect([...exported]).toEqual(['a', 'd', 'up'])
  expect(unknownMetrics(['a + d', 'sum(e)'], exported)).toEqual(['e in sum(e)'])
})
