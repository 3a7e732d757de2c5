import type { FunctionProbe } from '../probe-spec.ts'
import { errorText, fail, type Looker, PASS } from './look.ts'

/** Calls a function of the caller. */
export function functionLooker({ run }: FunctionProbe): Looker {
  return {
    async look({ signal }) {
      try {
        await run(signal)
        return PASS
      } catch (error) {
        return fail(errorText(error))
      }
    },
  }
}
