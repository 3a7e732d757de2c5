import type { Strategy } from '../spec/process-spec.ts'

/**
 * Whom the end of one member concerns, itself among them: they are stopped and started again.
 *
 * `one-for-one`: it alone. `one-for-all`: the whole group. `rest-for-one`: it and those that started
 * after it, because they may have built on it.
 *
 * @param startedOrder The group's members, the first started first. Who is not in it has not started.
 * @returns In the order to start them; stop them in reverse.
 * @see https://www.erlang.org/doc/system/sup_princ.html#restart-strategy
 */
export function affectedBy(
  member: string,
  strategy: Strategy,
  startedOrder: readonly string[],
): readonly string[] {
  const index = startedOrder.indexOf(member)
  if (index < 0) return [member]
  switch (strategy) {
    case 'one-for-one':
      return [member]
    case 'one-for-all':
      return startedOrder
    case 'rest-for-one':
      return startedOrder.slice(index)
  }
}
