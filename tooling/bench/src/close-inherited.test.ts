import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { bundle } from '@conductor/testing'
import { expect, it, onTestFinished } from 'vitest'

it('leaves nothing that a daemon would inherit', async () => {
  const program = bundle(new URL('./testing/inherits.ts', import.meta.url), onTestFinished)
  const child = spawn('/bin/bash', ['-c', 'exec "$0" "$1" 200<&0', process.execPath, program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await once(child, 'close')
  expect(said).toBe('yes\nno\n')
})
