import { describe, expect, it } from 'vitest'
import { checkMeans, checkTodo, diskTone } from './health-text.ts'
import { askHealth, readHealth, readMetrics } from './read-health.ts'

const FAILING = {
  status: 'fail',
  checks: { 'shutdown:responseTime': [{ status: 'fail', observedValue: 2, observedUnit: 'ms' }] },
}

describe('what the server says of its health', () => {
  it('is read check by check', () => {
    expect(readHealth(FAILING)).toEqual({
      status: 'fail',
      checks: [{ name: 'shutdown', status: 'fail', tookMs: 2 }],
    })
    expect(() => readHealth('ok')).toThrow(TypeError)
  })

  it('is an answer also when it says no', async () => {
    const asked: unknown[] = []
    const fetch = async (url: unknown, options: unknown): Promise<Response> => {
      asked.push([url, options])
      return Response.json(FAILING, { status: 503 })
    }
    const url = (path: string): URL => new URL(path, 'http://h/base/')
    const answer = await askHealth({ url }, 'readyz', { fetch: fetch as typeof globalThis.fetch })
    expect(answer.status).toBe('fail')
    expect(asked).toEqual([
      [
        'http://h/base/readyz',
        { credentials: 'same-origin', headers: { Accept: 'application/health+json' } },
      ],
    ])
  })

  it('is measured as Prometheus reads it', () => {
    const text =
      '# HELP a b\n# TYPE a gauge\na 1.5e3\nb{x="1",y="say \\"hi\\""} 0\nnonsense\nc{} NaN\n'
    expect(readMetrics(text)).toEqual([
      { name: 'a', labels: {}, value: 1_500 },
      { name: 'b', labels: { x: '1', y: 'say \\"hi\\"' }, value: 0 },
    ])
  })

  it('comes with what it means and what to do, also of a check that is not known here', () => {
    expect(checkMeans('loop')).toContain('5 s')
    expect(checkTodo('shutdown')).toContain('told to end')
    expect([checkMeans('other'), checkTodo('other')]).toEqual([
      'other',
      'See the log of the server.',
    ])
  })

  it.each([
    [100e9, 200e9, 'good'],
    [10e9, 200e9, 'warn'],
    [500e6, 2e9, 'warn'],
    [100e6, 200e9, 'danger'],
    [0, 0, 'danger'],
  ])('%d bytes free of %d are %s', (free, total, tone) => {
    expect(diskTone(free, total)).toBe(tone)
  })
})
