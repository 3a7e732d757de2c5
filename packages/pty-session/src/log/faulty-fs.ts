import { type LogFs, nodeLogFs } from './log-fs.ts'

/** For tests: the real file system, until the test says otherwise. */
export interface FaultyFs extends LogFs {
  /** Calls since the last `failAt`, of those that may fail. */
  readonly calls: number
  /** The descriptors that were opened and not closed. */
  readonly openFds: ReadonlySet<number>
  /** Which of the next calls fails, from 0 on, and how: `short` writes half and then fails once with `ENOSPC`. */
  failAt(call: number, how: string): void
  /** All calls of one kind fail with `code`, until told otherwise. */
  failAll(kind: keyof LogFs | undefined, code?: string): void
}

export function faultyFs(): FaultyFs {
  const open = new Set<number>()
  let calls = 0
  let failing = { call: -1, how: '' }
  let allOf: keyof LogFs | undefined
  let allCode = ''

  function fault(kind: keyof LogFs): void {
    const call = calls++
    if (kind === allOf) throw systemError(allCode, kind)
    if (call === failing.call && failing.how !== 'short') throw systemError(failing.how, kind)
  }

  return {
    open(path, how) {
      fault('open')
      const fd = nodeLogFs.open(path, how)
      open.add(fd)
      return fd
    },
    close(fd) {
      open.delete(fd)
      nodeLogFs.close(fd)
      fault('close')
    },
    read(fd, buffer, at, length, position) {
      fault('read')
      return nodeLogFs.read(fd, buffer, at, length, position)
    },
    write(fd, bytes, at, length, position) {
      if (failing.how === 'short' && calls === failing.call) {
        failing = { call: ++calls, how: 'ENOSPC' }
        return nodeLogFs.write(fd, bytes, at, Math.floor(length / 2), position)
      }
      fault('write')
      return nodeLogFs.write(fd, bytes, at, length, position)
    },
    size(fd) {
      fault('size')
      return nodeLogFs.size(fd)
    },
    truncate(fd, sizeBytes) {
      fault('truncate')
      nodeLogFs.truncate(fd, sizeBytes)
    },
    // No power is cut in a test, and a busy disk would only slow it down.
    sync: () => fault('sync'),
    syncLater: async () => fault('syncLater'),
    syncFolder: () => fault('syncFolder'),
    exists: nodeLogFs.exists,
    list(folder) {
      fault('list')
      return nodeLogFs.list(folder)
    },
    makeFolder(path) {
      fault('makeFolder')
      nodeLogFs.makeFolder(path)
    },
    rename(from, to) {
      fault('rename')
      nodeLogFs.rename(from, to)
    },
    remove(path) {
      fault('remove')
      nodeLogFs.remove(path)
    },
    get calls() {
      return calls
    },
    openFds: open,
    failAt(call, how) {
      calls = 0
      failing = { call, how }
    },
    failAll(kind, code = 'EIO') {
      allOf = kind
      allCode = code
    },
  }
}

function systemError(code: string, call: string): Error {
  return Object.assign(new Error(`${code}: injected, ${call}`), { code })
}
