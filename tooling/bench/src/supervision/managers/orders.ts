import type { Daemon, Said } from '../supervisor.ts'

// What the bench and a manager program say to each other, over the channel of `fork`.

export type Order =
  | { readonly type: 'up'; readonly daemons: readonly Daemon[] }
  | { readonly type: 'down' }
  | { readonly type: 'end' }

export type Answer =
  | { readonly type: 'ready'; readonly managerPid: number }
  | { readonly type: 'done'; readonly order: Order['type']; readonly error?: string }
  | ({ readonly type: 'said' } & Said)

export interface ManagerProgram {
  /** Who manages: this program, unless it only passes orders on. */
  readonly managerPid: number
  up(daemons: readonly Daemon[]): Promise<void>
  down(): Promise<void>
  end(): Promise<void>
}

export function answer(message: Answer): void {
  process.send?.(message)
}

/** Does as it is ordered, until `end` or the end of the bench. */
export function obey(program: ManagerProgram): void {
  const perform = (order: Order): Promise<void> => {
    switch (order.type) {
      case 'up':
        return program.up(order.daemons)
      case 'down':
        return program.down()
      case 'end':
        return program.end()
    }
  }
  process.on('message', (order: Order) => {
    perform(order).then(
      () => {
        answer({ type: 'done', order: order.type })
        if (order.type === 'end') process.disconnect()
      },
      (error) => answer({ type: 'done', order: order.type, error: String(error) }),
    )
  })
  answer({ type: 'ready', managerPid: program.managerPid })
}
