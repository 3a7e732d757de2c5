import { hashOf, placeOfHash } from '../layout/place.ts'

// Where a person is: the place in the address, and after a login the same one again.

const RETURN_KEY = 'conductor.return-to'

/** Puts the place into the address, so that it can be kept, opened twice and gone back to. */
export function showPlace(hash: string): void {
  if (location.hash !== hash) history.replaceState(null, '', hash || location.pathname)
}

/** Goes to the login, and back to this very place after it. */
export function goToLogin(base: URL): void {
  sessionStorage.setItem(RETURN_KEY, location.hash)
  location.assign(base)
}

/** Goes to the terminals; after {@link goToLogin} to where it was called. */
export function goToTerminals(base: URL): void {
  const there = placeOfHash(sessionStorage.getItem(RETURN_KEY) ?? '')
  sessionStorage.removeItem(RETURN_KEY)
  location.assign(new URL(`terminal${there ? hashOf(there) : ''}`, base))
}
