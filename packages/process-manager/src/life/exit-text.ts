import type { Decision, Exit } from '@conductor/restart-policy'

/** How a run ended, in words that follow "it": `was killed by SIGKILL`. */
export function exitText(exit: Exit): string {
  switch (exit.kind) {
    case 'code':
      return `exited with code ${exit.code}`
    case 'signal':
      return `was killed by ${exit.signal}${exit.core ? ' (core dumped)' : ''}`
    case 'spawn-error':
      return `could not be started: ${exit.errno}`
    case 'probe':
      return exit.probe === 'startup' ? 'failed its startup check' : 'failed its liveness check'
    case 'watchdog':
      return 'gave no sign of life'
    case 'timeout':
      return exit.phase === 'start'
        ? 'was not ready in time'
        : exit.phase === 'stop'
          ? 'did not stop in time'
          : 'ran for too long'
    case 'memory':
      return `used too much memory${exit.bytes === undefined ? '' : ` (${mebibytes(exit.bytes)})`}`
    case 'cpu':
      return `used too much CPU${exit.percent === undefined ? '' : ` (${Math.round(exit.percent)} % of a core)`}`
    case 'unseen':
      return 'ended while nobody watched'
    case 'requested':
      return 'was stopped on request'
  }
}

/** What follows, in words: `restart in 5 s (attempt 2, mode:on-failure)`. */
export function decisionText(
  decision: Decision | { readonly action: 'restart-requested' | 'survivors' },
): string {
  switch (decision.action) {
    case 'restart':
      return `restart ${decision.delayMs === 0 ? 'at once' : `in ${duration(decision.delayMs)}`} (attempt ${decision.attempt}, ${decision.rule})`
    case 'restart-requested':
      return 'restart, as requested'
    case 'survivors':
      return 'left alone: something of it could not be killed'
    case 'stop':
      return `${decision.outcome === 'completed' ? 'stays stopped' : 'stays failed'} (${decision.rule})`
    case 'give-up':
      return `given up (${decision.rule})${decision.retryAtMs === undefined ? '' : ', for a while'}`
  }
}

/** `5 s`, `1.5 s`, `250 ms`, `3 min`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 120_000) return `${Math.round(ms / 100) / 10} s`
  return `${Math.round(ms / 60_000)} min`
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1_048_576)} MiB`
}
