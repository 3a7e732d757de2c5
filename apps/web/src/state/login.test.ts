import { fakeClock } from '@conductor/testing'
import { expect, it, vi } from 'vitest'
import { ApiError } from '../api/api-error.ts'
import { createLogin } from './login.ts'

const clock = fakeClock()

function loginWith(answer: () => Promise<void>) {
  const onDone = vi.fn()
  const post = vi.fn(answer)
  return { login: createLogin({ api: { login: post }, clock, onDone }), post, onDone }
}

it('goes on with the right password, and posts it once', async () => {
  const { login, post, onDone } = loginWith(async () => {})
  const first = login.submit('right')
  await login.submit('right')
  await first
  expect(post).toHaveBeenCalledOnce()
  expect(onDone).toHaveBeenCalledOnce()
  expect(login.state.value.name).toBe('welcome')
})

it('says what is wrong, and can be tried again', async () => {
  const { login, post } = loginWith(() =>
    Promise.reject(new ApiError('invalid password', { status: 401 })),
  )
  await login.submit('wrong')
  expect(login.state.value).toEqual({ name: 'refused', text: 'Invalid password' })
  await login.submit('wrong')
  expect(post).toHaveBeenCalledTimes(2)
})

it('counts down while it is locked out', async () => {
  const { login, post } = loginWith(() =>
    Promise.reject(new ApiError('too many', { status: 429, retryAfterMs: 2_000 })),
  )
  await login.submit('wrong')
  expect(login.state.value).toEqual({ name: 'locked', seconds: 2 })
  await login.submit('wrong')
  expect(post).toHaveBeenCalledOnce()
  clock.advance(1_000)
  expect(login.state.value).toEqual({ name: 'locked', seconds: 1 })
  clock.advance(1_000)
  expect(login.state.value.name).toBe('asking')
})
