import { mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fakeClock, temporaryFolder } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type AuditLogOptions, createAuditLog } from './audit-log.ts'

function setup(over: Partial<AuditLogOptions> = {}) {
  const path = over.path ?? join(temporaryFolder(onTestFinished), 'audit.jsonl')
  const clock = fakeClock()
  const troubles: unknown[] = []
  const onTrouble = (error: unknown) => void troubles.push(error)
  const open = () => createAuditLog({ path, clock, onTrouble, ...over })
  return { path, clock, troubles, open, audit: open() }
}

describe('the audit log', () => {
  it('has a line for each fact, for this user alone, and tells the newest first', async () => {
    const { path, audit } = setup()
    audit.note({ type: 'login', via: 'login', address: '192.0.2.1' })
    audit.note({ type: 'session.renamed', session: 'a', name: 'new' })
    audit.note({ type: 'logout' })
    await audit.close()
    expect(readFileSync(path, 'utf8').trim().split('\n')).toHaveLength(3)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const ids = async (query: object) =>
      (await audit.query({ limit: 100, ...query })).map(({ id }) => id)
    expect(await ids({})).toEqual([3, 2, 1])
    expect(await ids({ before: 3 })).toEqual([2, 1])
    expect(await ids({ limit: 1 })).toEqual([3])
    expect(await ids({ session: 'a' })).toEqual([2])
    expect((await audit.query({ limit: 1, before: 2 }))[0]).toEqual({
      ...{ id: 1, at: '2026-01-01T00:00:00.000Z', type: 'login', via: 'login' },
      address: '192.0.2.1',
    })
  })

  it('tells of a fact before the disk has it', async () => {
    const { audit } = setup()
    audit.note({ type: 'logout' })
    expect(await audit.query({ limit: 10 })).toHaveLength(1)
    await audit.close()
  })

  it('counts on over restarts, and passes over torn lines', async () => {
    const { path, audit, open } = setup()
    audit.note({ type: 'login' })
    await audit.close()
    writeFileSync(path, `${readFileSync(path, 'utf8')}{"id":2,"at":"x`)
    const next = open()
    next.note({ type: 'logout' })
    next.note({ type: 'login' })
    await next.close()
    expect((await next.query({ limit: 9 })).map(({ id }) => id)).toEqual([3, 2, 1])
  })

  it('is rotated by size, capped, and read as one', async () => {
    const { path, open, audit } = setup({ fileBytes: 500, keptFiles: 2 })
    let log = audit
    for (let i = 1; i <= 60; i++) {
      log.note({ type: 'upload', text: `file ${i}` })
      // A write for each: what comes at once goes into one file.
      await log.query({ limit: 1 })
    }
    await log.close()
    const folder = join(path, '..')
    expect(readdirSync(folder).sort()).toEqual(['audit.1.jsonl', 'audit.2.jsonl', 'audit.jsonl'])
    for (const name of readdirSync(folder)) {
      const { size, mode } = statSync(join(folder, name))
      expect([size < 700, mode & 0o777]).toEqual([true, 0o600])
    }
    const ids = (await log.query({ limit: 1_000 })).map(({ id }) => id)
    expect(ids.length).toBeGreaterThan(10)
    expect(ids).toEqual(Array.from(ids, (_, i) => 60 - i))
    log = open()
    log.note({ type: 'login' })
    await log.close()
    expect((await log.query({ limit: 1 }))[0]?.id).toBe(61)
  })

  it('that cannot be written is told once, and written when it can be again', async () => {
    const { path, clock, troubles, audit } = setup()
    // A folder in its place: as good as a full disk, also for root.
    mkdirSync(path)
    for (let i = 0; i < 3; i++) {
      audit.note({ type: 'login' })
      await audit.query({ limit: 1 })
      clock.advance(5_000)
    }
    expect(troubles).toHaveLength(1)
    expect(await audit.query({ limit: 9 })).toHaveLength(3)
    rmdirSync(path)
    audit.note({ type: 'logout' })
    await audit.close()
    const types = (await audit.query({ limit: 9 })).map(({ type }) => type)
    expect(types).toEqual(['logout', 'login', 'login', 'login'])
  })

  it('keeps no more than it may for a disk that is full, and says how many it lost', async () => {
    const { path, clock, audit } = setup({ mostWaiting: 5 })
    mkdirSync(path)
    audit.note({ type: 'login' })
    await audit.query({ limit: 1 })
    for (let i = 0; i < 20; i++) audit.note({ type: 'login' })
    rmdirSync(path)
    clock.advance(5_000)
    audit.note({ type: 'login' })
    await audit.close()
    const facts = await audit.query({ limit: 99 })
    expect(facts.filter(({ type }) => type === 'login')).toHaveLength(5)
    expect(facts.find(({ type }) => type === 'audit.dropped')?.text).toMatch(/^17 facts/)
  })

  it('costs the one who notes next to nothing', async () => {
    const { audit } = setup()
    const startMs = performance.now()
    for (let i = 0; i < 5_000; i++) audit.note({ type: 'keyboard.taken', session: 'a', via: 'cli' })
    // No disk was waited for: that takes milliseconds for each.
    expect(performance.now() - startMs).toBeLessThan(500)
    await audit.close()
    expect(await audit.query({ limit: 9_999 })).toHaveLength(5_000)
  })
})
