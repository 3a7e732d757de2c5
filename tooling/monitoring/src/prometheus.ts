import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { binary, freePort, temporaryFolder } from '@conductor/testing'
import { adapt, documentPath } from './documents.ts'
import { type AtTheEnd, answers, startProgram, waitFor } from './program.ts'

export interface Sample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [number, string]
}

export interface Prometheus {
  /** What `expression` is now. @throws with its words when Prometheus refuses it. */
  query(expression: string): Promise<readonly Sample[]>
  /** Resolves once it is something. */
  whenThere(expression: string): Promise<readonly Sample[]>
}

/** Debian's Prometheus with the configuration of the guide, which scrapes `target` ten times a second. */
export async function startPrometheus(atTheEnd: AtTheEnd, target: string): Promise<Prometheus> {
  const folder = temporaryFolder(atTheEnd)
  const config = join(folder, 'prometheus.yml')
  writeFileSync(
    config,
    adapt('monitoring/prometheus.yml', [
      ['127.0.0.1:8080', target],
      ['scrape_interval: 15s', 'scrape_interval: 100ms'],
      ['alerts.yaml', documentPath('monitoring/alerts.yaml')],
    ]),
  )
  const address = `127.0.0.1:${await freePort()}`
  const program = startProgram(
    atTheEnd,
    [
      binary('prometheus'),
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
    ],
    folder,
  )
  await waitFor(program, 'Prometheus is ready', () => answers(`http://${address}/-/ready`))

  async function query(expression: string): Promise<readonly Sample[]> {
    const body = new URLSearchParams({ query: expression })
    const answer = await fetch(`http://${address}/api/v1/query`, { method: 'POST', body })
    // As Prometheus documents it.
    const { status, data, error } = (await answer.json()) as {
      readonly status: string
      readonly data: { readonly result: readonly Sample[] }
      readonly error?: string
    }
    if (status !== 'success') throw new Error(`${expression}: ${error}`)
    return data.result
  }

  return {
    query,
    whenThere: (expression) =>
      waitFor(program, expression, async () => {
        const samples = await query(expression)
        return samples.length > 0 && samples
      }),
  }
}
