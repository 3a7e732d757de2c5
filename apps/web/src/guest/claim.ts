import type { ClaimedShareJson, ShareJson } from '@conductor/api-types'
import type { Api } from '../api/api.ts'
import { ApiError, errorText } from '../api/api-error.ts'

/** What a link has led to. */
export type Claim =
  | { readonly name: 'claiming' }
  | { readonly name: 'open'; readonly share: ShareJson }
  /** It opens nothing, or does not any more. */
  | { readonly name: 'over'; readonly title: string; readonly text: string }

/** For whoever has no link, or only a part of one. */
const NOTHING: Claim = {
  name: 'over',
  title: 'This link is not whole',
  text: 'Something is missing at its end. Ask whoever sent it to you for all of it.',
}

export const ENDED: Claim = {
  name: 'over',
  title: 'This link opens nothing any more',
  text: 'It has expired, or whoever made it has revoked it. Ask them for a new one.',
}

/** Where the page keeps which link it has claimed: its name, which is no secret. */
export interface ClaimPlace {
  /** Behind the `#`; empty when there is none. */
  readonly secret: string
  /** As it was claimed before. */
  readonly known: ShareJson | undefined
}

/** Trades the secret for a cookie, once; a page that is loaded again has the cookie. */
export async function claim(api: Api, { secret, known }: ClaimPlace): Promise<Claim> {
  if (secret === '') return known ? { name: 'open', share: known } : NOTHING
  try {
    const body = { secret }
    const { share } = await api.ask<ClaimedShareJson>('POST', 'api/shares/claim', { body })
    return { name: 'open', share }
  } catch (error) {
    const status = error instanceof ApiError ? error.status : 0
    if (status === 401 || status === 400) return ENDED
    const title = status === 429 ? 'Too many wrong links' : 'The server cannot be reached'
    return { name: 'over', title, text: `${errorText(error)}.` }
  }
}

/** Why a page that was open is so no more. */
export function endOf(share: ShareJson, nowMs: number): Claim {
  const name = 'over'
  return Date.parse(share.expiresAt) <= nowMs
    ? { name, title: 'This link has expired', text: 'Ask whoever sent it to you for a new one.' }
    : {
        name,
        title: 'You are not let in any more',
        text: 'Whoever made this link has revoked it, or the session is gone.',
      }
}
