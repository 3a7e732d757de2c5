import type { SessionExit, SessionStatus } from '@conductor/session-client'

/** How a line about the connection looks: something passes, something is over, or it just informs. */
export type Tone = 'quiet' | 'waiting' | 'lost'

export interface StatusLine {
  readonly text: string
  readonly tone: Tone
  /** Whether a person can have it tried again, by clicking on it. */
  readonly retry?: true
}

/** What the terminal says about its connection; `undefined` when there is nothing to say. */
export function statusLine(status: SessionStatus): StatusLine | undefined {
  switch (status.name) {
    case 'connecting':
      return { text: 'Connecting…', tone: 'quiet' }
    case 'reconnecting': {
      const { attempt, attempts } = status
      const count = attempts === undefined ? attempt : `${attempt}/${attempts}`
      return { text: `[Reconnecting (${count})...]`, tone: 'waiting' }
    }
    case 'stopped':
      return { text: '[Connection lost. Click to reconnect.]', tone: 'lost', retry: true }
    case 'ended':
      return { text: exitText(status.exit), tone: 'quiet' }
    case 'refused':
      return refusalLine(status.code, status.reason)
    case 'replaying':
    case 'live':
    case 'closed':
      return undefined
  }
}

export function exitText({ code, signal }: SessionExit): string {
  if (code !== undefined) return `[Process exited with code ${code}]`
  return signal ? `[Process ended by ${signal}]` : '[Process lost]'
}

function refusalLine(code: number, reason: string): StatusLine {
  const tone = 'lost'
  switch (code) {
    case 4401:
      return { text: 'You are logged out', tone }
    case 4403:
      return { text: 'You may not do that in this session', tone }
    case 4404:
      return { text: 'This session has ended', tone }
    case 4409:
      return { text: 'Opened elsewhere. Click to use it here.', tone, retry: true }
    default:
      return {
        text: `Refused: ${reason || `code ${code}`}. Click to try again.`,
        tone,
        retry: true,
      }
  }
}

/**
 * What a screen reader is told of the connection: that it was lost and that it is back, once each. The
 * attempts are counted on the screen only, and what goes well from the start is no news.
 *
 * @param wasLost Whether it was lost since it was last said to be there.
 */
export function spokenStatus(status: SessionStatus, wasLost: boolean): string {
  switch (status.name) {
    case 'reconnecting':
      return 'Connection lost. Reconnecting by itself; typing is kept.'
    case 'stopped':
      return 'Connection lost. Press Enter to reconnect.'
    case 'ended':
      return exitText(status.exit).slice(1, -1)
    case 'refused':
      return refusalLine(status.code, status.reason).text
    case 'live':
      return wasLost ? 'Connected again' : ''
    case 'connecting':
    case 'replaying':
    case 'closed':
      return wasLost ? 'Connection lost. Reconnecting by itself; typing is kept.' : ''
  }
}

/** One word for the header. */
export function statusWord(status: SessionStatus): string {
  switch (status.name) {
    case 'connecting':
      return 'Connecting'
    case 'replaying':
      return 'Restoring'
    case 'live':
      return 'Connected'
    case 'reconnecting':
      return 'Reconnecting'
    case 'stopped':
      return 'Disconnected'
    case 'ended':
      return 'Ended'
    case 'refused':
      return status.code === 4404 ? 'Ended' : 'Refused'
    case 'closed':
      return 'Closed'
  }
}
