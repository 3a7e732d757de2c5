import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createSessionFiles, type SessionFilesOptions } from './session-files.ts'

function setup(options: Partial<SessionFilesOptions> = {}) {
  const dir = temporaryFolder(onTestFinished)
  const files = createSessionFiles({ mostFileBytes: 1_000, mostSessionBytes: 2_500, ...options })
  return {
    dir,
    save: (name: string, ...pieces: (string | Error)[]) => files.save(dir, name, coming(pieces)),
    names: () => readdirSync(join(dir, 'files')).sort(),
    files,
  }
}

async function* coming(pieces: readonly (string | Error)[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    if (piece instanceof Error) throw piece
    yield Buffer.from(piece)
  }
}

describe('the files of a session', () => {
  it('are saved whole, for this user alone, at an absolute path', async () => {
    const { dir, save } = setup()
    const saved = await save('a b.txt', 'one ', 'two')
    expect(saved).toEqual({ path: join(dir, 'files', 'a_b.txt'), name: 'a_b.txt', sizeBytes: 7 })
    expect(readFileSync(saved.path, 'utf8')).toBe('one two')
    expect(statSync(saved.path).mode & 0o777).toBe(0o600)
    expect(statSync(join(dir, 'files')).mode & 0o777).toBe(0o700)
  })

  it('never take the place of one that is there, also when many come at once', async () => {
    const { dir, save, names } = setup()
    const texts = Array.from({ length: 8 }, (_, i) => `text ${i}`)
    const saved = await Promise.all(texts.map((text) => save('x.png', text)))
    expect(new Set(saved.map(({ name }) => name)).size).toBe(8)
    expect(names()).toHaveLength(8)
    for (const [i, { name }] of saved.entries())
      expect(readFileSync(join(dir, 'files', name), 'utf8')).toBe(texts[i])
  })

  it('leave nothing when they break off, are too large, or the disk is full', async () => {
    const { save, names } = setup()
    await expect(save('a', 'half', new Error('gone'))).rejects.toThrow('gone')
    await expect(save('a', 'x'.repeat(600), 'x'.repeat(600))).rejects.toMatchObject({
      code: 'FILE_TOO_LARGE',
      text: 'the file is over 1000 bytes (AI_CONDUCTOR_UPLOAD_BYTES)',
    })
    const full = setup({
      async openNew(path) {
        const file = await open(path, 'wx')
        const error = Object.assign(new Error('ENOSPC: no space'), { code: 'ENOSPC' })
        return { close: () => file.close(), write: () => Promise.reject(error) }
      },
    })
    await expect(full.save('a', 'x')).rejects.toThrow('ENOSPC')
    expect([...names(), ...full.names()]).toEqual([])
  })

  it('are refused at once when more is announced than may come', async () => {
    const { dir, files } = setup()
    const nothing = coming([new Error('it was read')])
    await expect(files.save(dir, 'a', nothing, 1_001)).rejects.toMatchObject({
      code: 'FILE_TOO_LARGE',
    })
  })

  it('have a limit together, which those on their way count for', async () => {
    const { dir, files, save, names } = setup()
    await save('a', 'x'.repeat(1_000))
    const pieces = () => coming(Array.from({ length: 20 }, () => 'x'.repeat(50)))
    const both = await Promise.allSettled([
      files.save(dir, 'b', pieces(), 1_000),
      files.save(dir, 'c', pieces(), 1_000),
    ])
    const refused = both.filter((each) => each.status === 'rejected')
    expect(refused).toHaveLength(1)
    expect(refused[0]?.reason).toMatchObject({ code: 'FILES_FULL' })
    expect(names()).toHaveLength(2)
    // What broke off takes no room.
    await save('d', 'x'.repeat(500))
    await expect(save('e', 'x')).rejects.toMatchObject({ code: 'FILES_FULL' })
  })

  it('are rid of what a server that died has left half done', async () => {
    const { dir, save, names } = setup()
    mkdirSync(join(dir, 'files'))
    writeFileSync(join(dir, 'files', '.0123456789abcdef.part'), 'x'.repeat(2_500))
    await save('a', 'text')
    expect(names()).toEqual(['a'])
  })

  it('do not bring back the folder of a session that is removed meanwhile', async () => {
    const { dir, files } = setup()
    async function* late(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('a')
      rmSync(dir, { recursive: true })
      yield Buffer.from('b')
    }
    await expect(files.save(dir, 'a', late())).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' })
    await expect(files.save(dir, 'a', coming(['x']))).rejects.toMatchObject({
      code: 'SESSION_NOT_FOUND',
    })
    expect(() => statSync(dir)).toThrow('ENOENT')
  })
})
