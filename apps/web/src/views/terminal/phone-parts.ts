// One file for all that a terminal has on a phone alone.
export { PhoneInput } from './phone-input.tsx'
export { PullToReconnect } from './pull-to-reconnect.tsx'
