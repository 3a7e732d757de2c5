/** What a template may name. Other braces, as of JSON or TOML, are text. */
const PLACEHOLDER = /\{([A-Za-z][A-Za-z0-9_:]*)\}/g

export type Values = Readonly<Record<string, string | undefined>>

/** The names of the placeholders in it, without their braces. */
export function placeholdersIn(template: string): string[] {
  return [...template.matchAll(PLACEHOLDER)].map(([, name = '']) => name)
}

/** In one pass: braces in a value stay as they are. */
export function fill(template: string, values: Values): string {
  return template.replace(PLACEHOLDER, (whole, name: string) => values[name] ?? whole)
}

/** As `fill`, or nothing if a value is missing or empty. */
export function fillWhole(template: string, values: Values): string | undefined {
  return placeholdersIn(template).every((name) => values[name]) ? fill(template, values) : undefined
}

/** `{env:NAME}` for each variable that there is. */
export function variables(env: Values): Values {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [`env:${name}`, value]))
}
