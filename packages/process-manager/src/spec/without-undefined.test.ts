import { expect, it } from 'vitest'
import type { ProcessSpec } from './process-spec.ts'
import { withoutUndefined } from './without-undefined.ts'

it('a spec is equal to what a file keeps of it', () => {
  const run = () => {}
  const given = {
    name: 'a',
    cwd: undefined,
    args: ['x'],
    stop: { graceMs: 5, signal: undefined },
    liveness: { probe: { kind: 'function', run } },
  }
  // As programs in JavaScript write it.
  const spec = withoutUndefined(given as unknown as ProcessSpec)
  expect(spec).toStrictEqual({
    name: 'a',
    args: ['x'],
    stop: { graceMs: 5 },
    liveness: { probe: { kind: 'function', run } },
  })
})
