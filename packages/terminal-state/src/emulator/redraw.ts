import type { Terminal } from '@xterm/headless'

/** What is still to come before the screen is known. */
type Step = 'colors' | 'clear' | 'cursor'

const ALTERNATE_SCREENS: ReadonlySet<unknown> = new Set([47, 1047, 1049])

/**
 * Watches a terminal that began in the middle, until nothing on its screen can stem from before.
 *
 * What is cleared takes the colour that is set, so that has to be known first; where the cursor is, last.
 *
 * @param onKnown Called once, after which nothing is watched any more. `isAll`: the screen that is not shown, too.
 */
export function watchRedraw(terminal: Terminal, onKnown: (isAll: boolean) => void): void {
  const { parser } = terminal
  let step: Step = 'colors'

  const watches = [
    parser.registerCsiHandler({ final: 'm' }, ([first]) => pass('colors', 'clear', first === 0)),
    parser.registerCsiHandler({ final: 'J' }, ([what]) => {
      const { cursorX, cursorY } = terminal.buffer.active
      return pass('clear', 'cursor', what === 2 || (what === 0 && cursorX === 0 && cursorY === 0))
    }),
    parser.registerCsiHandler({ prefix: '?', final: 'h' }, (modes) => {
      const enters = terminal.buffer.active.type === 'normal'
      return pass('clear', 'cursor', enters && modes.some((mode) => ALTERNATE_SCREENS.has(mode)))
    }),
    parser.registerCsiHandler({ final: 'H' }, () => placed()),
    parser.registerCsiHandler({ final: 'f' }, () => placed()),
    parser.registerEscHandler({ final: 'c' }, () => known(true)),
  ]

  /** `false` lets xterm go on to its own handler. */
  function pass(from: Step, to: Step, isIt: boolean): false {
    if (isIt && step === from) step = to
    return false
  }

  function placed(): false {
    return step === 'cursor' ? known(false) : false
  }

  function known(isAll: boolean): false {
    for (const watch of watches) watch.dispose()
    onKnown(isAll)
    return false
  }
}
