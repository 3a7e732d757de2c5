import type { ProcessJson } from '@conductor/api-types'
import { until } from '@conductor/testing'
import { describe, expect, it } from 'vitest'
import { ApiError } from '../../api/api-error.ts'
import { createProcessStore } from './process-store.ts'
import { processOf } from './process-testing.ts'

function store(answers: (readonly ProcessJson[] | Error)[]) {
  const listeners = new Map<string, (data: unknown) => void>()
  let asked = 0
  const made = createProcessStore({
    date: () => 1_000,
    api: {
      async ask<T>() {
        const answer = answers[asked++]
        if (answer instanceof Error) throw answer
        return answer as T
      },
    },
    events: {
      on(name, listener) {
        listeners.set(name, listener)
        return () => void listeners.delete(name)
      },
      onReopened(listener) {
        listeners.set('reopened', () => listener())
        return () => void listeners.delete('reopened')
      },
    },
  })
  const names = (): readonly string[] | string =>
    made.state.value.name === 'ready'
      ? made.state.value.processes.map(({ name, phase }) => `${name} ${phase}`)
      : made.state.value.name
  return {
    ...made,
    listeners,
    names,
    tell: (name: string, data?: unknown) => listeners.get(name)?.(data),
  }
}

describe('the processes of a page', () => {
  it('are the list, and then what events tell', async () => {
    const { refresh, names, tell } = store([[processOf('web')]])
    expect(names()).toBe('loading')
    await refresh()
    tell('process.changed', { process: processOf('web', { phase: 'stopping' }) })
    tell('process.changed', { process: processOf('db') })
    expect(names()).toEqual(['web stopping', 'db running'])
    tell('process.removed', { name: 'web' })
    expect(names()).toEqual(['db running'])
    tell('processes', [processOf('a')])
    expect(names()).toEqual(['a running'])
  })

  it('of which several have one spec go with it', async () => {
    const spec = { name: 'web', command: 'x' }
    const { refresh, names, tell } = store([
      [processOf('web@1', { spec }), processOf('web@2', { spec })],
    ])
    await refresh()
    tell('process.removed', { name: 'web' })
    expect(names()).toEqual([])
  })

  it('are asked for again when news came meanwhile, and when there is a new one', async () => {
    const { refresh, names, tell } = store([
      [processOf('web')],
      [processOf('web', { phase: 'failed' })],
      [processOf('web'), processOf('db')],
    ])
    const asking = refresh()
    tell('process.changed', { process: processOf('web', { phase: 'failed' }) })
    await asking
    expect(names()).toEqual(['web failed'])
    tell('process.added', { name: 'db' })
    await until(() => names().length === 2)
  })

  it('keep what they have used, an hour of it', async () => {
    const { refresh, usage, find, tell } = store([[processOf('web')]])
    await refresh()
    for (let n = 0; n < 250; n++)
      tell('process.usage', { name: 'web', usage: { rssBytes: n, cpuPercent: 1, processes: 1 } })
    expect(usage.value.get('web')).toHaveLength(240)
    expect(usage.value.get('web')?.at(-1)).toEqual({ atMs: 1_000, rssBytes: 249, cpuPercent: 1 })
    expect(find('web')?.usage?.rssBytes).toBe(249)
    tell('process.removed', { name: 'web' })
    expect(usage.value.size).toBe(0)
  })

  it('stay when a later answer fails, and say why when the first does', async () => {
    const gone = new ApiError('gone', { status: 0 })
    const { refresh, names, state } = store([gone, [processOf('web')], gone])
    await refresh()
    expect(state.value).toEqual({ name: 'failed', text: 'Gone' })
    await refresh()
    await refresh()
    expect(names()).toEqual(['web running'])
    await refresh()
    expect(names()).toEqual(['web running'])
  })

  it('are not troubled by what is no event, and let go of all', async () => {
    const { refresh, names, tell, listeners, close } = store([[processOf('web')]])
    await refresh()
    for (const name of [...listeners.keys()].filter((each) => each.startsWith('process')))
      if (name !== 'process.added') tell(name, undefined)
    expect(names()).toEqual(['web running'])
    close()
    expect(listeners.size).toBe(0)
  })
})
