/** Words of PromQL that stand where a metric could. */
const WORDS = new Set(
  'and or unless by without on ignoring group_left group_right bool offset inf nan'.split(' '),
)

/** What Prometheus says of each target itself. */
const OF_PROMETHEUS = ['up']

/** The names of the metrics that an expression of PromQL reads. */
export function metricsIn(expression: string): readonly string[] {
  const bare = expression
    .replace(/"(?:\\.|[^"\\])*"/g, '')
    .replace(/\{[^}]*\}|\[[^\]]*\]/g, '')
    // Lists of labels.
    .replace(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, '')
  const names = [...bare.matchAll(/(?<![\w:$.])([a-zA-Z_:][\w:]*)(?!\s*\()(?![\w:])/g)]
    .map(([, name = '']) => name)
    .filter((name) => !WORDS.has(name.toLowerCase()))
  return [...new Set(names)]
}

/** The metrics that a text in Prometheus' format has samples of. */
export function metricsOf(exposition: string): ReadonlySet<string> {
  const names = [...exposition.matchAll(/^([a-zA-Z_:][\w:]*)[{ ]/gm)].map(([, name = '']) => name)
  return new Set([...names, ...OF_PROMETHEUS])
}

/** The metrics that `expressions` read and nobody exports, each with its expression. */
export function unknownMetrics(
  expressions: readonly string[],
  exported: ReadonlySet<string>,
): readonly string[] {
  return expressions.flatMap((expression) =>
    metricsIn(expression)
      .filter((name) => !exported.has(name))
      .map((name) => `${name} in ${expression}`),
  )
}
