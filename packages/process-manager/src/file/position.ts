import type { Document } from 'yaml'
import type { Issue } from '../spec/shape.ts'

/**
 * Where in the text an issue is, as an offset: at the value, or at the name of the field if that is at
 * fault. For something that is missing, at the last thing on the way to it that is there.
 */
export function offsetOf(
  document: Document,
  { path, ofKey }: Issue,
  { isAlias, isMap, isNode, isScalar, isSeq }: typeof import('yaml'),
): number {
  let node: unknown = document.contents
  let offset = start(node)
  for (const [index, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
      if (!pair) break
      const last = index === path.length - 1
      offset = last && ofKey ? start(pair.key) : (place(pair.value) ?? start(pair.key))
      node = pair.value
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step]
      offset = place(node) ?? offset
    } else break
  }
  return offset

  function place(value: unknown): number | undefined {
    return isNode(value) ? value.range?.[0] : undefined
  }

  function start(value: unknown): number {
    return place(value) ?? 0
  }
}
