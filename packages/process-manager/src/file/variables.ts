/** The environment that `${NAME}` is looked up in: `process.env`, usually. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Puts variables into a text: `${NAME}`, and `${NAME:-text}` for where it is unset or empty.
 *
 * `$${` is a plain `${`. Nothing else is special, so a `$1` or a `$(…)` stays.
 *
 * @param missing Told of each variable that is unset and has no text in its place.
 */
export function putVariables(
  text: string,
  env: Environment,
  missing: (fault: string) => void,
): string {
  return text.replace(
    /\$(\$\{)|\$\{([^}]*)(\}?)/g,
    (_, escaped: string | undefined, inside: string, end: string) => {
      if (escaped !== undefined) return escaped
      const [, name, fallback] = /^([A-Za-z_]\w*)(?::-(.*))?$/s.exec(inside) ?? []
      if (name === undefined || end === '') {
        missing(`has "\${${inside}${end}": write \${NAME}, \${NAME:-text}, or $\${ for a plain \${`)
        return ''
      }
      const value = Object.hasOwn(env, name) ? env[name] : undefined
      if (fallback !== undefined) return value || fallback
      if (value === undefined)
        missing(`needs the variable ${name}, which is not set: set it, or write \${${name}:-text}`)
      return value ?? ''
    },
  )
}
