import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { temporaryFolder } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createAgents } from './create-agents.ts'
import { nodeReader, type TranscriptReader } from './transcript.ts'

const ID = '0b6a6d3e-1111-4222-8333-444455556666'
const OTHER = '1b6a6d3e-1111-4222-8333-444455556666'
const agents = createAgents()

/** A home and a folder to work in, with a dot, a space, an umlaut and an emoji in its name. */
function machine() {
  const folder = temporaryFolder(onTestFinished)
  const [home, cwd] = [join(folder, 'home'), join(folder, 'w d.x_ü😀')]
  mkdirSync(home)
  mkdirSync(cwd)
  const dashed = `${folder.replace(/[^A-Za-z0-9]/g, '-')}-w-d-x----`
  const place = { cwd, home, env: {}, sessionId: ID }
  return { folder, home, cwd, dashed, place }
}

function write(path: string, text = ''): string {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return path
}

/** The file system, but where `path` begins so, reading fails as told. */
function failing(path: string, code: string): TranscriptReader {
  const unless = <T>(read: (at: string) => Promise<T>) => {
    return async (at: string): Promise<T> => {
      if (at.startsWith(path)) throw Object.assign(new Error(`${code}: ${at}`), { code })
      return read(at)
    }
  }
  const { readdir, readFile, realpath } = nodeReader
  return { readdir: unless(readdir), readFile: unless(readFile), realpath: unless(realpath) }
}

const USER = '{"type":"queue-operation"}\n{"parentUuid":null,"type":"user"}\n'

describe('a transcript of Claude Code', () => {
  it('is found under the real path of the folder, with a dash for all but letters and digits', async () => {
    const { folder, home, cwd, dashed, place } = machine()
    const path = write(join(home, '.claude/projects', dashed, `${ID}.jsonl`), USER)
    expect(await agents.findTranscript('claude-code', place)).toEqual({ kind: 'found', path })
    symlinkSync(cwd, join(folder, 'link'))
    const linked = { ...place, cwd: join(folder, 'link') }
    expect(await agents.findTranscript('claude-code', linked)).toEqual({ kind: 'found', path })
  })

  it('is absent as long as nobody said anything: it would be refused', async () => {
    const { home, dashed, place } = machine()
    write(join(home, '.claude/projects', dashed, `${ID}.jsonl`), '{"type":"queue-operation"}\n')
    expect(await agents.findTranscript('claude-code', place)).toMatchObject({ kind: 'absent' })
  })

  it('is absent in another folder, and of another session', async () => {
    const { home, dashed, place } = machine()
    write(join(home, '.claude/projects/-elsewhere', `${ID}.jsonl`), USER)
    write(join(home, '.claude/projects', dashed, `${OTHER}.jsonl`), USER)
    expect(await agents.findTranscript('claude-code', place)).toMatchObject({ kind: 'absent' })
  })

  it('is found where the path is longer than 200 characters, and its name ends in a checksum', async () => {
    const { folder, home, place } = machine()
    const cwd = join(folder, 'a'.repeat(120), 'b'.repeat(120))
    mkdirSync(cwd, { recursive: true })
    const cut = cwd.replace(/[^A-Za-z0-9]/g, '-').slice(0, 200)
    const path = write(join(home, '.claude/projects', `${cut}-c4zay2`, `${ID}.jsonl`), USER)
    const found = await agents.findTranscript('claude-code', { ...place, cwd })
    expect(found).toEqual({ kind: 'found', path })
  })

  it('is where the variable says, if there is one', async () => {
    const { folder, home, dashed, place } = machine()
    write(join(home, '.claude/projects', dashed, `${ID}.jsonl`), USER)
    const env = { CLAUDE_CONFIG_DIR: join(folder, 'config') }
    const elsewhere = { ...place, env }
    expect(await agents.findTranscript('claude-code', elsewhere)).toMatchObject({ kind: 'absent' })
    const path = write(join(folder, 'config/projects', dashed, `${ID}.jsonl`), USER)
    expect(await agents.findTranscript('claude-code', elsewhere)).toEqual({ kind: 'found', path })
    const empty = { ...place, env: { CLAUDE_CONFIG_DIR: '' } }
    expect(await agents.findTranscript('claude-code', empty)).toMatchObject({ kind: 'found' })
  })
})

describe('a transcript of another agent', () => {
  it('is found by the day, for Codex', async () => {
    const { home, place } = machine()
    const name = `rollout-2026-11-21T13-32-03-${ID}.jsonl`
    const path = write(join(home, '.codex/sessions/2026/11/21', name))
    expect(await agents.findTranscript('codex', place)).toEqual({ kind: 'found', path })
    const other = { ...place, sessionId: OTHER }
    expect(await agents.findTranscript('codex', other)).toMatchObject({ kind: 'absent' })
  })

  it('is found by the first 8 of its id, once there was a reply, for Gemini CLI', async () => {
    const { home, place } = machine()
    const name = 'session-2026-11-21T13-32-0b6a6d3e.jsonl'
    const path = write(join(home, '.gemini/tmp/w-d-x/chats', name), '{"type":"user"}')
    expect(await agents.findTranscript('gemini', place)).toMatchObject({ kind: 'absent' })
    write(path, '{"type":"user"}\n{"id":"a","type":"gemini"}')
    expect(await agents.findTranscript('gemini', place)).toEqual({ kind: 'found', path })
  })

  it('is in the folder itself, for aider', async () => {
    const { cwd, place } = machine()
    const path = write(join(cwd, `.aider.chat.${ID}.md`))
    expect(await agents.findTranscript('aider', place)).toEqual({ kind: 'found', path })
  })

  it('is unknown where nobody knows where it is', async () => {
    const { place } = machine()
    expect(await agents.findTranscript('opencode', place)).toEqual({
      kind: 'unknown',
      reason: 'it is not known where opencode keeps its transcripts',
    })
  })
})

describe('what cannot be read', () => {
  it.each(['EACCES', 'EIO', 'EMFILE'])('is unknown and not absent: %s', async (code) => {
    const { home, dashed, place } = machine()
    const path = write(join(home, '.claude/projects', dashed, `${ID}.jsonl`), USER)
    for (const broken of [join(home, '.claude'), join(home, '.claude/projects', dashed), path]) {
      const { findTranscript } = createAgents({ reader: failing(broken, code) })
      const found = await findTranscript('claude-code', place)
      expect(found).toEqual({ kind: 'unknown', reason: expect.stringContaining(code) })
    }
  })

  it('hides nothing that is found beside it', async () => {
    const { home, place } = machine()
    const name = `rollout-2026-11-21T13-32-03-${ID}.jsonl`
    write(join(home, '.codex/sessions/2025/01/01/x'))
    const path = write(join(home, '.codex/sessions/2026/11/21', name))
    const reader = failing(join(home, '.codex/sessions/2025'), 'EACCES')
    const { findTranscript } = createAgents({ reader })
    expect(await findTranscript('codex', place)).toEqual({ kind: 'found', path })
  })

  it('is a home that is not there yet', async () => {
    const { place } = machine()
    const found = await agents.findTranscript('codex', { ...place, home: '/nowhere/at/all' })
    expect(found).toEqual({ kind: 'unknown', reason: expect.stringContaining('ENOENT') })
  })

  it('is never looked for under an id that is a path', async () => {
    const { place } = machine()
    const search = agents.findTranscript('codex', { ...place, sessionId: '../../../x' })
    await expect(search).rejects.toThrow('BAD_OPTION')
  })
})

describe('the sessions of a folder', () => {
  it('are those whose transcripts name it, so that a new one is seen', async () => {
    const { home, cwd, place } = machine()
    const day = join(home, '.codex/sessions/2026/11/21')
    const meta = (folder: string) =>
      `{"type":"session_meta","payload":{"cwd":${JSON.stringify(folder)}}}`
    expect(await agents.listSessions('codex', place)).toEqual({ kind: 'listed', sessionIds: [] })
    write(join(day, `rollout-2026-11-21T13-32-03-${ID}.jsonl`), meta(cwd))
    write(join(day, `rollout-2026-11-21T13-32-04-${OTHER}.jsonl`), meta('/another'))
    expect(await agents.listSessions('codex', place)).toEqual({ kind: 'listed', sessionIds: [ID] })
  })

  it('are unknown where a transcript cannot be read, or does not have the id in its name', async () => {
    const { home, place } = machine()
    const day = join(home, '.codex/sessions/2026/11/21')
    write(join(day, `rollout-2026-11-21T13-32-03-${ID}.jsonl`))
    const { listSessions } = createAgents({ reader: failing(join(day, 'rollout'), 'EACCES') })
    expect(await listSessions('codex', place)).toMatchObject({ kind: 'unknown' })
    expect(await listSessions('gemini', place)).toMatchObject({ kind: 'unknown' })
    expect(await listSessions('opencode', place)).toMatchObject({ kind: 'unknown' })
  })
})
