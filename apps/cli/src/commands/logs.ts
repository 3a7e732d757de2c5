import { CliError, type ExitCode, isCliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { pathOf, type ServerLink } from '../server/server-link.ts'
import { readServerSentEvents } from '../server/server-sent-events.ts'
import { sleep } from '../sleep.ts'

/** Between two tries to find the server again, in milliseconds: doubled up to the second. */
const FIRST_WAIT_MS = 200
const LONGEST_WAIT_MS = 2_000

export interface LogsOptions {
  readonly follow?: boolean
  /** Lines before the end to begin with (default: all that is kept). */
  readonly lines?: number
}

/** What a process wrote, byte for byte as it wrote it. */
export async function logs(
  context: Context,
  link: ServerLink,
  name: string,
  { follow = false, lines }: LogsOptions,
): Promise<ExitCode> {
  const tail = lines === undefined ? '' : `tail=${lines}`
  if (follow) return followLogs(context, link, name, tail)
  const response = await link.open(pathOf(name, `/logs?${tail}`))
  try {
    for await (const bytes of response) await context.out.write(bytes)
  } catch (cause) {
    throw new CliError('UNREACHABLE', 'the log broke off: rotated away, or the server has gone', {
      cause,
    })
  }
  return 0
}

/**
 * Goes on at the offset of the next byte whenever the server comes back, so that nothing is lost and
 * nothing comes twice. Ends when the user says so, or when the process is no more.
 */
async function followLogs(
  context: Context,
  link: ServerLink,
  name: string,
  tail: string,
): Promise<ExitCode> {
  const { out, err, interrupted } = context
  let next: number | undefined
  let waitMs = FIRST_WAIT_MS
  let isToldGone = false

  async function listen(): Promise<void> {
    const headers = next === undefined ? {} : { 'Last-Event-ID': String(next) }
    const response = await link.open(pathOf(name, `/logs?follow=true&${tail}`), { headers })
    const begin = Number(response.headers['x-conductor-offset'])
    await expectOffset(begin)
    next = begin
    waitMs = FIRST_WAIT_MS
    isToldGone = false
    for await (const { event, data } of readServerSentEvents(response)) {
      if (event !== 'output') continue
      const piece = JSON.parse(data) as { readonly offset: number; readonly data: string }
      const bytes = Buffer.from(piece.data, 'base64')
      await expectOffset(piece.offset)
      await out.write(bytes)
      next = piece.offset + bytes.length
    }
  }

  /** A log that begins anew, with a lower offset, has lost nothing. */
  async function expectOffset(offset: number): Promise<void> {
    if (next === undefined || offset <= next) return
    await err.write(`conductor: ${offset - next} bytes were rotated away before they were read\n`)
  }

  while (!interrupted.aborted) {
    try {
      await listen()
    } catch (error) {
      if (interrupted.aborted) break
      // Never there, or there no more: nothing to wait for.
      if (next === undefined || (isCliError(error, 'REFUSED') && error.status !== 503)) throw error
    }
    if (interrupted.aborted) break
    if (!isToldGone && waitMs > FIRST_WAIT_MS) {
      isToldGone = true
      await err.write('conductor: the server has gone; waiting for the next one\n')
    }
    await sleep(context, waitMs)
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)
  }
  return 0
}
