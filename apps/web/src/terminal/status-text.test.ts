import { expect, it } from 'vitest'
import { webAddress } from './links.ts'
import { spokenStatus, statusLine } from './status-text.ts'
import { gapLine } from './terminal-lines.ts'

it('counts the attempts', () => {
  const status = { name: 'reconnecting', attempt: 3, attempts: 20, retryAtMs: 0 } as const
  expect(statusLine(status)).toEqual({ text: '[Reconnecting (3/20)...]', tone: 'waiting' })
})

it('asks for a click when the attempts are used up', () => {
  expect(statusLine({ name: 'stopped' })).toEqual({
    text: '[Connection lost. Click to reconnect.]',
    tone: 'lost',
    retry: true,
  })
})

it('says that a session is over, whatever the server calls it', () => {
  expect(statusLine({ name: 'refused', code: 4404, reason: 'x' })).toEqual({
    text: 'This session has ended',
    tone: 'lost',
  })
})

it('says nothing while all is well', () => {
  expect(statusLine({ name: 'live' })).toBeUndefined()
})

it('tells readers of a loss once, however often it tries, and of nothing that goes well', () => {
  const trying = (attempt: number) =>
    spokenStatus({ name: 'reconnecting', attempt, attempts: 20, retryAtMs: 0 }, true)
  expect(trying(1)).toMatch(/^Connection lost/)
  expect(trying(19)).toBe(trying(1))
  expect(spokenStatus({ name: 'connecting' }, true)).toBe(trying(1))
  expect(spokenStatus({ name: 'live' }, true)).toBe('Connected again')
  for (const name of ['connecting', 'live'] as const) expect(spokenStatus({ name }, false)).toBe('')
})

it('leaves no line at the beginning of everything', () => {
  expect(gapLine(0, 12)).not.toContain('\n\x1b[2m')
  expect(gapLine(0, 12)).toContain('[12 bytes of history are no longer kept]')
  expect(gapLine(5, 12)).toContain('[7 bytes of history are no longer kept]')
})

it.each([
  ['https://example.org/a?b#c', 'https://example.org/a?b#c'],
  ['http://localhost:3000', 'http://localhost:3000/'],
  ['javascript:alert(1)', undefined],
  ['JAVASCRIPT:alert(1)', undefined],
  ['data:text/html,x', undefined],
  ['file:///etc/passwd', undefined],
  ['ssh://host', undefined],
  ['nothing', undefined],
])('opens plain web pages only: %s', (text, address) => {
  expect(webAddress(text)).toBe(address)
})
