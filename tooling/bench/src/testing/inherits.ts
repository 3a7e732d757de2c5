import { execFileSync } from 'node:child_process'
import { closeInherited } from '../close-inherited.ts'

// Says whether a child of ours gets descriptor 200, before and after.
const say = (): void =>
  void execFileSync(
    '/bin/sh',
    ['-c', 'if [ -e /proc/self/fd/200 ]; then echo yes; else echo no; fi'],
    {
      stdio: 'inherit',
    },
  )
say()
closeInherited()
say()
