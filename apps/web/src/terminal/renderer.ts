import { WebglAddon } from '@xterm/addon-webgl'
import type { Terminal } from '@xterm/xterm'

/** How far the pixels drawn may be from the pixels there are, as a part of them. */
const SHARP_WITHIN = 0.05

/** Who draws the terminal: the graphics card where that works, else xterm's own elements. */
export interface Renderer {
  /** The terminal is in the page. */
  start(): void
  /** It is not: browsers allow only some WebGL contexts at once, and a hidden terminal needs none. */
  stop(): void
  /** In font sizes. Only where the graphics card draws: xterm's own elements would leave gaps in boxes. */
  setLineHeight(lineHeight: number): void
}

export function createRenderer(terminal: Terminal, initialLineHeight: number): Renderer {
  let wished = initialLineHeight
  let webgl: WebglAddon | undefined
  let frame = 0

  function stop(): void {
    cancelAnimationFrame(frame)
    webgl?.dispose()
    webgl = undefined
  }

  function drawPlainly(): void {
    stop()
    terminal.options.lineHeight = 1
  }

  return {
    start() {
      if (webgl) return
      try {
        webgl = new WebglAddon()
        webgl.onContextLoss(drawPlainly)
        terminal.loadAddon(webgl)
        terminal.options.lineHeight = wished
        // The first frame draws; by the second one it is known what was drawn on.
        frame = requestAnimationFrame(() => {
          frame = requestAnimationFrame(() => isSharp(terminal) || drawPlainly())
        })
      } catch {
        // No WebGL 2 here.
        drawPlainly()
      }
    },
    stop,
    setLineHeight(lineHeight) {
      wished = lineHeight
      if (webgl) terminal.options.lineHeight = wished
    },
  }
}

/**
 * Whether the canvas has a pixel for each of the screen's. A browser that emulates another device
 * tells xterm of its own pixels instead, and then everything is drawn too large.
 */
function isSharp({ element }: Terminal): boolean {
  const canvas = element?.querySelector<HTMLCanvasElement>('.xterm-screen canvas:not([class])')
  if (!canvas || canvas.clientWidth === 0) return true
  const expected = canvas.clientWidth * devicePixelRatio
  return Math.abs(canvas.width - expected) < expected * SHARP_WITHIN
}
