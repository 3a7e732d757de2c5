import type { UnitUser } from './systemd-unit.ts'
import { pathWord, plainPath, type Setting } from './unit-text.ts'

export interface SandboxOptions {
  readonly user: UnitUser
  /** May end in `%i`. */
  readonly stateDir: string
  /** What the server must see: of this installation. */
  readonly reads: readonly string[]
  /** Where sessions must be able to write, beside the state folder and the home of a person. */
  readonly writes: readonly string[]
}

/** What `ProtectHome=` hides. */
const HOMES = /^\/(home|root|run\/user)(\/|$)/

/** Where systemd makes folders itself: `StateDirectory=`. */
const STATES = /^\/var\/lib\//

/** What can be taken from the server and its sessions without breaking what people do in terminals. */
export function sandbox({ user, stateDir, reads, writes }: SandboxOptions): Setting[] {
  const person = user.home !== undefined && HOMES.test(user.home) ? user.home : undefined
  const isHidden = (path: string) =>
    HOMES.test(path) && !(person !== undefined && `${path}/`.startsWith(`${person}/`))
  const bound = [...(person === undefined ? [] : [person]), ...writes.filter(isHidden)]
  const hidden = reads.filter(isHidden).map((path) => plainPath('the installation', path))
  return [
    ...(STATES.test(stateDir) ? stateDirectory(stateDir.replace(STATES, '')) : []),
    {
      ...{ name: 'NoNewPrivileges', value: 'yes' },
      why: 'No setuid: sudo and su do not work in sessions. Say no where they must.',
    },
    {
      ...{ name: 'ProtectSystem', value: 'strict' },
      why: 'All files can only be read, but for those named here.',
    },
    { name: 'ReadWritePaths', value: [stateDir, ...writes].map(pathWord).join(' ') },
    {
      ...{ name: 'ProtectHome', value: bound.length + hidden.length > 0 ? 'tmpfs' : 'yes' },
      why:
        person === undefined
          ? 'Nothing else in /home, /root and /run/user can be seen.'
          : `People work in the home of ${user.name}: it is there, and those of all others are not.`,
    },
    {
      ...{
        name: 'BindPaths',
        value: [...bound, `${stateDir}/tmp:/tmp`].map(pathWord).join(' '),
      },
      why: 'A /tmp of its own that stays. That of PrivateTmp= is removed at each stop, from under sessions that go on, and the next start would not share it with them.',
    },
    { name: 'PrivateTmp', value: 'no' },
    ...(hidden.length > 0
      ? [
          {
            ...{ name: 'BindReadOnlyPaths', value: hidden.map(pathWord).join(' ') },
            why: 'This installation.',
          },
        ]
      : []),
    { ...{ name: 'ProtectKernelModules', value: 'yes' }, why: 'Modules are not loaded from here.' },
    { ...{ name: 'ProtectControlGroups', value: 'yes' }, why: 'cgroups are systemd’s to change.' },
    {
      ...{ name: 'ProtectHostname', value: 'yes' },
      why: 'Nor is the name of the machine changed.',
    },
    {
      ...{ name: 'RestrictRealtime', value: 'yes' },
      why: 'No program takes a processor from all others.',
    },
    {
      ...{ name: 'RestrictAddressFamilies', value: 'AF_UNIX AF_INET AF_INET6 AF_NETLINK' },
      why: 'The usual sockets. PrivateNetwork= is no choice: the server has to be reached.',
    },
    {
      ...{ name: 'CapabilityBoundingSet', value: 'CAP_NET_RAW' },
      why: 'Nobody here has any; without this one in the set, ping does not even start.',
    },
    {
      name: 'SystemCallFilter',
      value: '~@clock @cpu-emulation @module @obsolete @raw-io @reboot @swap',
      why: 'Calls that only root could make. An error, and not the end of the program.',
    },
    { name: 'SystemCallErrorNumber', value: 'EPERM' },
  ]
}

function stateDirectory(name: string): Setting[] {
  return [
    {
      ...{ name: 'StateDirectory', value: `${pathWord(name)} ${pathWord(`${name}/tmp`)}` },
      why: 'Made by systemd, and given to the user.',
    },
    { name: 'StateDirectoryMode', value: '0700' },
  ]
}

/**
 * What costs programs in sessions something, in the order of what is missed first. Not
 * `MemoryDenyWriteExecute=`: V8 writes machine code and runs it.
 */
export const strictSandbox: readonly Setting[] = [
  { name: 'SystemCallFilter', value: '', why: 'Instead of the calls above:' },
  {
    ...{ name: 'SystemCallFilter', value: '@system-service' },
    why: 'What services usually call: no mounts, so no bubblewrap, podman or other sandboxes of agents; no gdb, no strace.',
  },
  { ...{ name: 'SystemCallArchitectures', value: 'native' }, why: 'No 32-bit programs.' },
  {
    ...{ name: 'RestrictNamespaces', value: 'yes' },
    why: 'No containers, not even those of browsers (Chromium wants --no-sandbox).',
  },
  {
    ...{ name: 'ProtectProc', value: 'invisible' },
    why: 'Processes of other users are not seen, in ps neither.',
  },
  {
    ...{ name: 'ProtectKernelTunables', value: 'yes' },
    why: '/proc/sys and /sys can only be read.',
  },
  { ...{ name: 'ProtectKernelLogs', value: 'yes' }, why: 'No dmesg.' },
  { ...{ name: 'ProtectClock', value: 'yes' }, why: 'The time is not set from here.' },
  {
    ...{ name: 'PrivateDevices', value: 'yes' },
    why: 'No disks, GPUs, KVM or FUSE; terminals stay.',
  },
  {
    ...{ name: 'RestrictSUIDSGID', value: 'yes' },
    why: 'No file becomes setuid: some package builds want that.',
  },
  { ...{ name: 'LockPersonality', value: 'yes' }, why: 'No setarch, which debuggers like.' },
  {
    ...{ name: 'CapabilityBoundingSet', value: '' },
    why: 'No capability ever, not even that of ping.',
  },
]
