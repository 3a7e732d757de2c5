/**
 * Whether a close code says that trying again is pointless until a person does something.
 *
 * True for 4400 (bad frame), 4401 (not logged in), 4403 (not allowed), 4404 (no such thing) and
 * 4409 (replaced by another connection), and for 3500 to 3999, which Centrifugo made the custom for
 * "do not reconnect". False for all others: also for 1000, because proxies send it when they are
 * restarted, and for 1008, because firewalls send it.
 *
 * @see https://centrifugal.dev/docs/transports/client_protocol#disconnect-codes
 */
export function isFinalCode(code: number): boolean {
  return [4400, 4401, 4403, 4404, 4409].includes(code) || (code >= 3500 && code <= 3999)
}
