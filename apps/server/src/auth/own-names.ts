import { hostname, networkInterfaces } from 'node:os'

/** The addresses of this machine's interfaces, and its name. */
export function ownNames(): readonly string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
  return [hostname(), ...addresses.map(({ address }) => address.replace(/%.*$/, ''))]
}
