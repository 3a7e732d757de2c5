import type { ShareJson } from '@conductor/api-types'
import { describe, expect, it } from 'vitest'
import { createApi } from '../api/api.ts'
import { claim, ENDED, endOf } from './claim.ts'

const share: ShareJson = {
  ...{ id: 'ab', sessionId: 's', mode: 'viewer' },
  createdAt: '2026-11-21T12:00:00.000Z',
  expiresAt: '2026-11-21T13:00:00.000Z',
}

function api(status: number, body: unknown, told: Request[] = []) {
  return createApi({
    base: new URL('http://host/'),
    fetch: async (url, init) => {
      told.push(new Request(String(url), init))
      return Response.json(body, { status })
    },
  })
}

describe('a link', () => {
  it('is claimed by its secret, which goes nowhere but into the body', async () => {
    const told: Request[] = []
    const answer = await claim(api(200, { share }, told), { secret: 'hush', known: undefined })
    expect(answer).toEqual({ name: 'open', share })
    expect(told.map(({ url }) => url)).toEqual(['http://host/api/shares/claim'])
    expect(await told[0]?.json()).toEqual({ secret: 'hush' })
  })

  it('that was claimed before asks nobody, and one that is cut says so', async () => {
    const nobody = api(500, {})
    expect(await claim(nobody, { secret: '', known: share })).toEqual({ name: 'open', share })
    expect(await claim(nobody, { secret: '', known: undefined })).toMatchObject({ name: 'over' })
  })

  it('that opens nothing is told from a server that is away, and from too many tries', async () => {
    const place = { secret: 'x', known: undefined }
    expect(await claim(api(401, { error: 'no' }), place)).toEqual(ENDED)
    expect(await claim(api(429, { error: 'too many wrong links' }), place)).toMatchObject({
      title: 'Too many wrong links',
    })
    expect(await claim(api(502, { error: 'bad gateway' }), place)).toMatchObject({
      title: 'The server cannot be reached',
      text: 'Bad gateway.',
    })
  })

  it('has ended by time, or by somebody', () => {
    expect(endOf(share, Date.parse(share.expiresAt))).toMatchObject({
      title: 'This link has expired',
    })
    expect(endOf(share, 0)).toMatchObject({ title: 'You are not let in any more' })
  })
})
