import type { PushSettingsJson } from '@conductor/api-types'
import { fakeClock } from '@conductor/testing'
import { describe, expect, it, vi } from 'vitest'
import { readSession } from '../api/session-info.ts'
import type { Call } from './calls.ts'
import { createLooking } from './looking.ts'
import { createPageNotices } from './page-notices.ts'
import { deviceName } from './push-device.ts'
import { createPushSettings, isWanted } from './push-settings.ts'

const SETTINGS: PushSettingsJson = { states: ['waiting'], includeText: false, muted: ['noisy'] }
const NOON = Date.parse('2026-01-01T12:00:00Z')

function call(id: string, since = 'then'): Call {
  const info = readSession({ id })
  if (!info) throw new Error('no session')
  const ref = { server: 'here', id }
  return { ref, key: `here/${id}`, info, state: 'waiting', since, text: '', isSeen: false }
}

describe('who is looking', () => {
  it('is told at once, and again while it is so', () => {
    const clock = fakeClock()
    const tell = vi.fn()
    const looking = createLooking({ clock, tell, page: 'p' })
    looking.at(null)
    expect(tell).not.toHaveBeenCalled()
    looking.at('s1')
    clock.advance(60_000)
    expect(tell).toHaveBeenCalledTimes(3)
    looking.at(null)
    expect(tell).toHaveBeenLastCalledWith({ page: 'p', sessionId: null })
    clock.advance(600_000)
    expect(tell).toHaveBeenCalledTimes(4)
  })
})

describe('a hidden page', () => {
  function notices(wanted = true) {
    const board = { show: vi.fn(), take: vi.fn() }
    return { board, tell: createPageNotices({ board, isWanted: () => wanted }) }
  }

  it('tells of each call once, and of none that was there before', () => {
    const { board, tell } = notices()
    tell([call('old')])
    tell([call('old'), call('new')])
    tell([call('old'), call('new')])
    expect(board.show.mock.calls.map(([{ ref }]) => ref.id)).toEqual(['new'])
    tell([call('old'), call('new', 'later')])
    expect(board.show).toHaveBeenCalledTimes(2)
  })

  it('takes back what is over, and tells of nothing that nobody wants', () => {
    const { board, tell } = notices(false)
    tell([])
    tell([call('new')])
    tell([])
    expect(board.show).not.toHaveBeenCalled()
    expect(board.take).toHaveBeenCalledWith('here/new')
  })
})

describe('what a person wants to hear of', () => {
  it.each([
    ['s1', 'waiting', undefined, true],
    ['s1', 'done', undefined, false],
    ['noisy', 'waiting', undefined, false],
    ['s1', 'waiting', ['11:00', '13:00'], false],
    ['s1', 'waiting', ['12:30', '13:00'], true],
    ['s1', 'waiting', ['22:00', '07:00'], true],
    ['s1', 'waiting', ['11:59', '07:00'], false],
  ] as const)('of %s, which is %s, with quiet hours %j: %s', (sessionId, state, hours, wanted) => {
    const [from, to] = hours ?? []
    const quietHours = from && to ? { from, to, timeZone: 'UTC' } : undefined
    expect(isWanted({ ...SETTINGS, quietHours }, { sessionId, state }, NOON)).toBe(wanted)
  })

  it('is shown at once, and as it was when the server refuses', async () => {
    const ask = vi.fn(async (): Promise<unknown> => SETTINGS)
    // One answer for everything, whatever type was asked for.
    const settings = createPushSettings({ ask: ask as never })
    await settings.save({ muted: [] })
    expect(ask).not.toHaveBeenCalled()
    await settings.load()
    ask.mockRejectedValueOnce(new Error('no'))
    const saved = settings.save({ muted: [] })
    expect(settings.value.value?.muted).toEqual([])
    await expect(saved).rejects.toThrow('no')
    expect(settings.value.value).toEqual(SETTINGS)
  })
})

it.each([
  [
    'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36',
    'Chrome on Android',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1',
    'Safari on iPhone',
  ],
  ['Mozilla/5.0 (Windows NT 10.0) Chrome/126.0 Safari/537.36 Edg/126.0', 'Edge on Windows'],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0', 'Firefox on Linux'],
  ['curl/8', 'A browser'],
])('%s is called %s', (userAgent, name) => {
  expect(deviceName(userAgent)).toBe(name)
})
