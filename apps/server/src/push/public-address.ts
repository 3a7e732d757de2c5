import { BlockList, isIP, isIPv6 } from 'node:net'

/**
 * What is not the public internet: this machine, its networks, multicast, and what maps onto them.
 *
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry
 */
const SPECIAL = new BlockList()
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  SPECIAL.addSubnet(net, bits, 'ipv4')

/** The only part of IPv6 that is given out; of it, what reaches into IPv4 or into documents. */
const GLOBAL = new BlockList()
GLOBAL.addSubnet('2000::', 3, 'ipv6')
const NOT_GLOBAL = new BlockList()
for (const [net, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  NOT_GLOBAL.addSubnet(net, bits, 'ipv6')

/** Whether an address is of the public internet. What cannot be read is not. */
export function isPublicAddress(address: string): boolean {
  if (isIPv6(address)) return GLOBAL.check(address, 'ipv6') && !NOT_GLOBAL.check(address, 'ipv6')
  return isIP(address) === 4 && !SPECIAL.check(address, 'ipv4')
}

/** Why nothing may be sent to `endpoint`; `undefined` when its host's addresses decide, with each sending. */
export function endpointProblem(endpoint: string): string | undefined {
  if (endpoint.length > 2_048) return 'is too long'
  if (!URL.canParse(endpoint)) return 'is no address'
  const { protocol, hostname, username, password, port } = new URL(endpoint)
  if (protocol !== 'https:') return 'must begin with https:'
  if (username || password) return 'may not hold a password'
  if (port) return 'may not name a port'
  const host = hostname.replace(/^\[|\]$/g, '')
  if (isIP(host)) return isPublicAddress(host) ? undefined : 'is not on the public internet'
  const isNamed =
    host.includes('.') &&
    !/\.(?:localhost|local|internal|home\.arpa|test|invalid|onion)\.?$/.test(`.${host}`)
  return isNamed ? undefined : 'is not on the public internet'
}
