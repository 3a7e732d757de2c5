/** The same without fields that are there and `undefined`: no file has such, so a spec that was kept in one would differ. */
export function withoutUndefined<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(withoutUndefined) as T // of the same elements
  const entries = Object.entries(value).filter(([, each]) => each !== undefined)
  return Object.fromEntries(entries.map(([key, each]) => [key, withoutUndefined(each)])) as T // of the same fields
}
