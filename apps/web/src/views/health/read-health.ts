import type { Api } from '../../api/api.ts'

export type CheckStatus = 'pass' | 'warn' | 'fail'

export interface CheckResult {
  readonly name: string
  readonly status: CheckStatus
  readonly tookMs: number
}

/** What one of the server's three questions was answered with. */
export interface HealthAnswer {
  readonly status: CheckStatus
  readonly checks: readonly CheckResult[]
}

export type Question = 'livez' | 'readyz' | 'startupz'

export const QUESTIONS: readonly Question[] = ['livez', 'readyz', 'startupz']

/** Asks one question. That something fails is an answer, and comes with a status of its own. */
export async function askHealth(
  { url }: Pick<Api, 'url'>,
  question: Question,
  {
    fetch = globalThis.fetch,
    signal,
  }: { fetch?: typeof globalThis.fetch; signal?: AbortSignal } = {},
): Promise<HealthAnswer> {
  const response = await fetch(url(question).href, {
    credentials: 'same-origin',
    headers: { Accept: 'application/health+json' },
    ...(signal && { signal }),
  })
  return readHealth(await response.json())
}

/** @throws TypeError for what is no such answer. */
export function readHealth(answer: unknown): HealthAnswer {
  const { status, checks } = answer as {
    readonly status: CheckStatus
    readonly checks: Readonly<
      Record<string, readonly { status: CheckStatus; observedValue: number }[]>
    >
  }
  return {
    status,
    checks: Object.entries(checks).flatMap(([key, results]) =>
      results.map((result) => ({
        name: key.replace(/:responseTime$/, ''),
        status: result.status,
        tookMs: result.observedValue,
      })),
    ),
  }
}

/** One sample of the server's metrics. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** Reads what is made for Prometheus; what is no sample is passed over. */
export function readMetrics(text: string): readonly Sample[] {
  return text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    if (name === undefined || Number.isNaN(Number(value))) return []
    const pairs = labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)
    return [
      {
        name,
        labels: Object.fromEntries([...pairs].map(([, key = '', each = '']) => [key, each])),
        value: Number(value),
      },
    ]
  })
}
