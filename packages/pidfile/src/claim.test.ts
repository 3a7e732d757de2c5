import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { identifyProcess, identifySelf } from '@conductor/process-identity'
import { temporaryFolder } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { claim } from './claim.ts'
import { pidFormat } from './format.ts'

function newPath(): string {
  return join(temporaryFolder(onTestFinished), 'a.pid')
}

describe('what another does in the midst of a claim', () => {
  it.each([
    ['hello\n', 'NOT_OURS'],
    ['1\n', 'HELD'],
  ])('is not overwritten (%j), and nothing of ours is left', async (text, code) => {
    const path = newPath()
    const onStep = (step: string): void => {
      if (step === 'written') writeFileSync(path, text)
    }
    const claimed = claim(path, pidFormat, { backend: 'link' }, { onStep })
    await expect(claimed).rejects.toMatchObject({ code })
    expect(readFileSync(path, 'utf8')).toBe(text)
    expect(readdirSync(dirname(path))).toEqual(['a.pid'])
  })

  it('counts when it has the guard: the dead file is its to take', async () => {
    const path = newPath()
    const dead = pidFormat.write({ ...identifySelf(), startTime: '1' }, 'link', {})
    const first = identifyProcess(1)
    if (!first) throw new Error('no first process')
    const taking = pidFormat.write(first, 'link', {})
    writeFileSync(path, dead)
    writeFileSync(`${path}.taking`, taking)
    const claimed = claim(path, pidFormat, { backend: 'link', patienceMs: 20 })
    await expect(claimed).rejects.toMatchObject({ code: 'HELD', holder: { pid: 1 } })
    expect(readFileSync(path, 'utf8')).toBe(dead)
    expect(readFileSync(`${path}.taking`, 'utf8')).toBe(taking)
  })
})
