import { HealthError } from '../health-error.ts'

/** One number, and of what. */
export interface MetricSample {
  readonly labels?: Readonly<Record<string, string>>
  /** Any number, also NaN and the infinities. A counter's is 0 or more. */
  readonly value: number
}

/** All samples of one metric. */
export interface MetricFamily {
  /** In base units, which it names: `_seconds`, `_bytes`. A counter's ends in `_total`. */
  readonly name: string
  /** One sentence for people. */
  readonly help: string
  readonly type: 'gauge' | 'counter'
  readonly samples: readonly MetricSample[]
}

/** The media type of {@link renderMetrics}. */
export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const LABEL_NAME = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/

/**
 * Writes metrics as Prometheus reads them.
 *
 * Families without a sample are left out. Label values may be any text.
 *
 * @throws HealthError `BAD_OPTION` for what would not be valid: a name, a family or a set of labels
 * that is there twice, a counter that is negative or whose name does not end in `_total`.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export function renderMetrics(families: readonly MetricFamily[]): string {
  const names = new Set<string>()
  return families
    .map((family) => {
      checkFamily(family, names)
      const { name, help, type, samples } = family
      if (samples.length === 0) return ''
      const series = new Set<string>()
      const lines = samples.map(({ labels = {}, value }) => {
        const written = renderLabels(name, labels)
        if (series.has(written)) bad(`${name}${written} is there twice: make the labels differ`)
        series.add(written)
        if (type === 'counter' && !(value >= 0)) bad(`${name} is ${value}: a counter is 0 or more`)
        return `${name}${written} ${renderValue(value)}\n`
      })
      return `# HELP ${name} ${escapeText(help)}\n# TYPE ${name} ${type}\n${lines.join('')}`
    })
    .join('')
}

function checkFamily({ name, type }: MetricFamily, names: Set<string>): void {
  if (!METRIC_NAME.test(name)) bad(`"${name}" is no name of a metric: pass letters, digits and _`)
  if (names.has(name)) bad(`${name} is there twice: put its samples into one family`)
  names.add(name)
  if ((type === 'counter') !== name.endsWith('_total'))
    bad(`${name} is a ${type}: names of counters end in _total, and no others do`)
}

/** Sorted, so that the same labels are the same text. */
function renderLabels(metric: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => {
      if (!LABEL_NAME.test(name))
        bad(`${metric} has the label "${name}": pass letters, digits and _`)
      return `${name}="${escapeText(value).replaceAll('"', '\\"')}"`
    })
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function renderValue(value: number): string {
  if (value === Infinity) return '+Inf'
  return value === -Infinity ? '-Inf' : String(value)
}

function escapeText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function bad(text: string): never {
  throw new HealthError('BAD_OPTION', text)
}
