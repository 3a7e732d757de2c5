import process from 'node:process'
import { systemClock } from '@conductor/machine'
import type { ProcessManager } from '../manager-api.ts'
import { createProcessManager } from '../process-manager.ts'
import { createSystemPlatform } from '../unit/system-platform.ts'
import { crashPoints } from './crash-points.ts'
import type { Order } from './manager-process.ts'

// A manager that does what it is told, until it is killed. Its arguments: the root, and from which
// moment on it counts (`open`: before it opens the root; `-`: when it is told), and where it dies.
const [root = '', from = '-', at = 'Infinity'] = process.argv.slice(2)
const points = crashPoints(root)
if (from === 'open') points.arm(Number(at))
const platform = createSystemPlatform({
  clock: systemClock,
  usageIntervalMs: 15_000,
  keepAlive: true,
  useCgroups: false,
  onTrouble: () => {},
})
let manager: ProcessManager | undefined

async function obey({ method, args }: Order): Promise<unknown> {
  manager ??= await createProcessManager({ root, platform: points.around(platform) })
  if (method === 'arm') return points.arm(args[0] as number | undefined)
  if (method === 'passed') return points.passed
  if (method === 'open') return undefined
  // Whoever wrote the test knows its arguments; a wrong one is an error of that call.
  return (manager[method] as (...args: readonly unknown[]) => unknown)(...args)
}

process.on('message', (order: Order) => {
  obey(order).then(
    (value) => process.send?.({ id: order.id, value }),
    (error: unknown) => process.send?.({ id: order.id, error: String(error) }),
  )
})
// Its test has gone.
process.on('disconnect', () => process.exit(1))
