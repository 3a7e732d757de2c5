// Where a person is: the session in the address, and after a login the same one again.

const RETURN_KEY = 'conductor.return-to'
const LAST_KEY = 'conductor.last-session'

const SAFE_ID = /^[\w.-]{1,128}$/

export function sessionInAddress(hash: string): string | undefined {
  const id = hash.replace(/^#/, '')
  return SAFE_ID.test(id) ? id : undefined
}

/** The session to show at first: that of the address, else the one looked at last. */
export function firstSession(): string | undefined {
  return sessionInAddress(location.hash) ?? sessionInAddress(localStorage.getItem(LAST_KEY) ?? '')
}

/** Puts the session into the address, so that it can be kept, opened twice and gone back to. */
export function rememberSession(id: string | undefined): void {
  const hash = id === undefined ? location.pathname : `#${id}`
  if (sessionInAddress(location.hash) !== id) history.replaceState(null, '', hash)
  if (id !== undefined) localStorage.setItem(LAST_KEY, id)
}

/** Goes to the login, and back to this very place after it. */
export function goToLogin(): void {
  sessionStorage.setItem(RETURN_KEY, sessionInAddress(location.hash) ?? '')
  location.assign('/')
}

/** Goes to the terminals; after {@link goToLogin} to where it was called. */
export function goToTerminals(): void {
  const id = sessionInAddress(sessionStorage.getItem(RETURN_KEY) ?? '')
  sessionStorage.removeItem(RETURN_KEY)
  location.assign(id ? `/terminal#${id}` : '/terminal')
}
