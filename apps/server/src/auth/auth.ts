import { createDeviceCookies } from './device-cookie.ts'
import { addressKey, type LockOut } from './lock-out.ts'
import type { Login, TokenStore } from './token-store.ts'

export interface LoginAttempt {
  readonly password: string
  /** The address of whoever asks. */
  readonly address: string
  /** Its device cookie, if it has one. */
  readonly device: string | undefined
}

export type LoginAnswer =
  | {
      readonly kind: 'welcome'
      readonly token: string
      readonly login: Login
      /** A device cookie to set. */
      readonly device: string
    }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'locked'; readonly retryAfterMs: number }

export interface AuthOptions {
  readonly tokens: TokenStore
  readonly lockOut: LockOut
  readonly isPassword: (given: string) => boolean | Promise<boolean>
  /** Knows the token of this machine's command line (default: there is none). */
  readonly findLocal?: ((token: string) => Login | undefined) | undefined
  /** Knows tokens that open a part only: of shares, and of programs (default: there are none). */
  readonly findScoped?: ((token: string) => Login | undefined) | undefined
}

/** Who may come in. */
export interface Auth {
  /** One try with a password. While locked it is not even compared, and does not extend the lock. */
  login(attempt: LoginAttempt): Promise<LoginAnswer>
  find(token: string): Login | undefined
  /** As `find`, and the command line's own token: only for a header that comes from this machine. */
  findLocal(token: string): Login | undefined
  logout(login: Login): void
}

export function createAuth(options: AuthOptions): Auth {
  const { tokens, lockOut, isPassword, findLocal, findScoped } = options
  const devices = createDeviceCookies(tokens.deviceKey)
  const find = (token: string) => tokens.find(token) ?? findScoped?.(token)

  return {
    async login({ password, address, device }) {
      const known = devices.read(device)
      const key = known ? `device ${known}` : `address ${addressKey(address)}`
      const retryAfterMs = lockOut.waitMs(key)
      if (retryAfterMs > 0) return { kind: 'locked', retryAfterMs }
      // Wrong until it is proved right: so many at once get no more tries than one after the other.
      lockOut.failed(key)
      if (!(await isPassword(password))) return { kind: 'wrong' }
      lockOut.succeeded(key)
      return {
        kind: 'welcome',
        ...tokens.create(),
        device: known && device ? device : devices.create(),
      }
    },
    find,
    findLocal: (token) => find(token) ?? findLocal?.(token),
    logout: (login) => tokens.revoke(login.id),
  }
}
