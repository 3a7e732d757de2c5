/** Name and expression of each alert. @throws when an expression does not stand on one line. */
export function alertExpressions(yaml: string): readonly (readonly [string, string])[] {
  const names = [...yaml.matchAll(/^ *- alert: (\w+)$/gm)].map(([, name = '']) => name)
  const expressions = [...yaml.matchAll(/^ *expr: (\S.+)$/gm)].map(([, text = '']) => text)
  if (names.length !== expressions.length || expressions.some((text) => /^[|>]/.test(text)))
    throw new Error(`${names.length} alerts with ${expressions.length} expressions of one line`)
  return names.map((name, index) => [name, expressions[index] ?? ''])
}

/** Every expression of a dashboard of Grafana: those of panels, also in rows, and of variables. */
export function panelExpressions(json: string): readonly string[] {
  const found: string[] = []
  JSON.parse(json, (key, value: unknown) => {
    if (key === 'expr' && typeof value === 'string') found.push(value)
    const ofVariable = key === 'query' && /^label_values\((.+),/.exec(String(value))?.[1]
    if (ofVariable) found.push(ofVariable)
    return value
  })
  return found
}
