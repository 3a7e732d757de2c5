import { describe, expect, it } from 'vitest'
import { ends, fakeMachine, runs } from './fake-machine.ts'
import {
  identifyProcess,
  identifySelf,
  isProcessIdentity,
  processState,
  signalProcess,
} from './process-identity.ts'

function known(machine = fakeMachine(), pid = 100) {
  runs(machine, pid)
  const identity = identifyProcess(pid, machine)
  if (!identity) throw new Error('not identified')
  return { machine, identity }
}

describe('an identity', () => {
  it('is pid, start time, boot, pid namespace and host, as plain JSON', () => {
    const { identity } = known()
    expect(identity).toEqual({
      pid: 100,
      startTime: '5000',
      bootId: 'boot-1',
      pidNamespace: 'pid:[4026531836]',
      host: 'host-a',
    })
    expect(JSON.parse(JSON.stringify(identity))).toEqual(identity)
  })

  it('is not given for a pid that nobody has, or that cannot be one', () => {
    for (const pid of [101, 0, -1, 1.5, Number.NaN, 2 ** 31])
      expect(identifyProcess(pid, fakeMachine())).toBeUndefined()
  })

  it('names the machine by more than a host name, without telling its machine id', () => {
    const machine = fakeMachine()
    machine.files.set('/etc/machine-id', '0123456789abcdef0123456789abcdef\n')
    const { host } = known(machine).identity
    expect(host).toMatch(/^host-a\/[0-9a-f]{16}$/)
    expect(host).not.toContain('0123456789abcdef')
  })

  it('of ourselves exists even where the system hides it, and never proves anything then', () => {
    const machine = fakeMachine()
    machine.killable.set(machine.pid, '')
    const self = identifySelf(machine)
    expect(self).toMatchObject({ pid: 77, startTime: '' })
    expect(processState(self, machine)).toBe('unknown')
    runs(machine, machine.pid)
    expect(processState(self, machine)).toBe('unknown')
  })
})

describe('the state of a process', () => {
  it('is alive while pid, start time and boot are the same', () => {
    const { machine, identity } = known()
    expect(processState(identity, machine)).toBe('alive')
    runs(machine, 100, { state: 'T', name: 'renamed) Z (' })
    expect(processState(identity, machine)).toBe('alive')
  })

  it('is dead when nobody has the pid', () => {
    const { machine, identity } = known()
    ends(machine, 100)
    expect(processState(identity, machine)).toBe('dead')
  })

  it('is dead when the pid was used again', () => {
    const { machine, identity } = known()
    runs(machine, 100, { startTime: '5001' })
    expect(processState(identity, machine)).toBe('dead')
  })

  it('is dead when it is a zombie, but not when only its first thread has returned', () => {
    const { machine, identity } = known()
    runs(machine, 100, { state: 'Z' })
    expect(processState(identity, machine)).toBe('dead')
    runs(machine, 100, { state: 'Z', threads: 2 })
    expect(processState(identity, machine)).toBe('alive')
  })

  it('is dead after the machine has booted again: nobody has the pid, or somebody of another start', () => {
    const { identity } = known()
    const later = fakeMachine()
    later.files.set('/proc/sys/kernel/random/boot_id', 'boot-2\n')
    expect(processState(identity, later)).toBe('dead')
    runs(later, 100, { startTime: '5001' })
    expect(processState(identity, later)).toBe('dead')
    runs(later, 100, { state: 'Z' })
    expect(processState(identity, later)).toBe('dead')
    const container = fakeMachine()
    container.files.set('/proc/sys/kernel/random/boot_id', 'boot-2\n')
    container.links.set('/proc/self/ns/pid', 'pid:[1]')
    runs(container, 100)
    expect(processState(identity, container)).toBe('dead')
  })

  it('is unknown when only the id of the boot differs, as for a service with mounts of its own in systemd-nspawn', () => {
    const { identity } = known()
    const inside = fakeMachine()
    inside.files.set('/proc/sys/kernel/random/boot_id', 'boot-2\n')
    runs(inside, 100)
    expect(processState(identity, inside)).toBe('unknown')
  })

  it('is unknown on another machine', () => {
    const { identity } = known()
    const other = fakeMachine('linux', 'host-b')
    other.files.set('/proc/sys/kernel/random/boot_id', 'boot-9\n')
    expect(processState(identity, other)).toBe('unknown')
  })

  it('is unknown from another pid namespace, where the same number is somebody else', () => {
    const { identity } = known()
    const container = fakeMachine()
    container.links.set('/proc/self/ns/pid', 'pid:[4026532999]')
    expect(processState(identity, container)).toBe('unknown')
    runs(container, 100, { startTime: '9' })
    expect(processState(identity, container)).toBe('unknown')
  })

  it('is unknown while /proc hides a pid that somebody has', () => {
    const { machine, identity } = known()
    machine.files.delete('/proc/100/stat')
    expect(processState(identity, machine)).toBe('unknown')
    machine.killable.set(100, 'EPERM')
    expect(processState(identity, machine)).toBe('unknown')
  })

  it('is unknown for an identity that no system gave', () => {
    const { machine, identity } = known()
    for (const pid of [0, -100, 0.5])
      expect(processState({ ...identity, pid }, machine)).toBe('unknown')
  })

  it('cannot be alive without a boot id, but a free pid on the same host is proof enough', () => {
    const machine = fakeMachine()
    machine.files.delete('/proc/sys/kernel/random/boot_id')
    const { identity } = known(machine)
    expect(processState(identity, machine)).toBe('unknown')
    expect(processState(identity, fakeMachine('linux', 'host-b'))).toBe('unknown')
    ends(machine, 100)
    expect(processState(identity, machine)).toBe('dead')
  })
})

describe('a signal', () => {
  it('goes to the process that was identified', () => {
    const { machine, identity } = known()
    expect(signalProcess(identity, 'SIGTERM', machine)).toBe('sent')
    expect(machine.sent).toEqual([[100, 'SIGTERM']])
  })

  it('never goes to whoever has the pid now', () => {
    const { machine, identity } = known()
    runs(machine, 100, { startTime: '5001' })
    expect(signalProcess(identity, 'SIGKILL', machine)).toBe('gone')
    expect(machine.sent).toEqual([])
  })

  it('is refused when it cannot be told who has the pid', () => {
    const { machine, identity } = known()
    machine.files.delete('/proc/100/stat')
    expect(signalProcess(identity, 'SIGKILL', machine)).toBe('refused')
    for (const pid of [0, -1])
      expect(signalProcess({ ...identity, pid }, 'SIGKILL', machine)).toBe('refused')
    expect(machine.sent).toEqual([])
  })

  it('is refused when the process is not ours', () => {
    const { machine, identity } = known()
    machine.killable.set(100, 'EPERM')
    expect(processState(identity, machine)).toBe('alive')
    expect(signalProcess(identity, 'SIGTERM', machine)).toBe('refused')
  })

  it('comes too late for a process that ends while it is verified', () => {
    const { machine, identity } = known()
    machine.killable.delete(100)
    expect(signalProcess(identity, 'SIGTERM', machine)).toBe('gone')
  })
})

describe('parsed JSON', () => {
  it('is an identity when every field has its type', () => {
    const { identity } = known()
    const { pidNamespace: _, ...macos } = identity
    expect(isProcessIdentity(identity)).toBe(true)
    expect(isProcessIdentity(macos)).toBe(true)
    expect(isProcessIdentity({ ...identity, later: 'field' })).toBe(true)
  })

  it('is none when a field is missing, of another type, or a pid that kill takes for a group', () => {
    const { identity } = known()
    const wrong: unknown[] = [undefined, null, 1, 'x', [], {}, { pid: 1 }]
    for (const pid of [0, -1, 1.5, '1', 2 ** 31]) wrong.push({ ...identity, pid })
    for (const key of ['startTime', 'bootId', 'host', 'pidNamespace'])
      wrong.push({ ...identity, [key]: 1 })
    for (const value of wrong) expect(isProcessIdentity(value)).toBe(false)
  })
})

describe('without /proc (macOS, simulated)', () => {
  const ps = (pid: number) => `ps -o stat=,lstart= -p ${pid}`

  it('identity comes from ps and sysctl', () => {
    const machine = fakeMachine('darwin')
    machine.printed.set('sysctl -n kern.bootsessionuuid', 'B007')
    machine.printed.set(ps(100), 'Ss   Sat Nov 21 08:29:01 2026')
    machine.killable.set(100, '')
    const identity = identifyProcess(100, machine)
    expect(identity).toEqual({
      pid: 100,
      startTime: 'Sat Nov 21 08:29:01 2026',
      bootId: 'B007',
      host: 'host-a',
    })
    if (!identity) throw new Error('not identified')
    expect(processState(identity, machine)).toBe('alive')
    machine.printed.set(ps(100), 'Z    Sat Nov 21 08:29:01 2026')
    expect(processState(identity, machine)).toBe('dead')
    machine.printed.set(ps(100), 'S    Sat Nov 21 08:31:00 2026')
    expect(processState(identity, machine)).toBe('dead')
    machine.printed.delete(ps(100))
    expect(processState(identity, machine)).toBe('unknown')
    machine.killable.delete(100)
    expect(processState(identity, machine)).toBe('dead')
  })

  it('an old macOS, without an id of the boot session, tells its boot time', () => {
    const machine = fakeMachine('darwin')
    machine.printed.set('sysctl -n kern.boottime', '{ sec = 1795000000, usec = 0 }')
    expect(identifySelf(machine).bootId).toBe('{ sec = 1795000000, usec = 0 }')
  })
})
