import { WebglAddon } from '@xterm/addon-webgl'
import type { Terminal } from '@xterm/xterm'

/** Between the lines of the WebGL renderer, which draws boxes without gaps. Elsewhere there is none. */
const WEBGL_LINE_HEIGHT = 1.15

/** How far the pixels drawn may be from the pixels there are, as a part of them. */
const SHARP_WITHIN = 0.05

/** Who draws the terminal: the graphics card where that works, else xterm's own elements. */
export interface Renderer {
  /** The terminal is in the page. */
  start(): void
  /** It is not: browsers allow only some WebGL contexts at once, and a hidden terminal needs none. */
  stop(): void
}

export function createRenderer(terminal: Terminal): Renderer {
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
        terminal.options.lineHeight = WEBGL_LINE_HEIGHT
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
