import { FitAddon } from '@xterm/addon-fit'
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes'
import { WebLinksAddon } from '@xterm/addon-web-links'
import { WebglAddon } from '@xterm/addon-webgl'
import { Terminal } from '@xterm/xterm'
import { openLink } from './links.ts'
import type { TerminalScreen } from './screen.ts'
import { terminalTheme } from './theme.ts'
import { scrollByTouch } from './touch-scroll.ts'

const FONT = [
  'ui-monospace',
  '"SF Mono"',
  '"JetBrains Mono"',
  '"Cascadia Code"',
  'Menlo',
  'Consolas',
  '"DejaVu Sans Mono"',
  '"Liberation Mono"',
  'monospace',
].join(', ')

/** How far back one can scroll, in lines. The session's log keeps more. */
const SCROLLBACK_LINES = 10_000

/** Between the lines of the WebGL renderer, which draws boxes without gaps. Elsewhere there is none. */
const WEBGL_LINE_HEIGHT = 1.15

export interface XtermScreenOptions {
  readonly fontSize: number
  readonly dark: boolean
  /** For screen readers. */
  readonly label: string
}

/** A real terminal, which moves into the page and out of it and keeps what it shows. */
export interface XtermScreen {
  readonly screen: TerminalScreen
  mount(parent: HTMLElement): void
  unmount(): void
  /** How many cells fit into the parent; `undefined` while that cannot be told. */
  measure(): { readonly cols: number; readonly rows: number } | undefined
  focus(): void
  setDark(dark: boolean): void
  dispose(): void
}

export function createXtermScreen(options: XtermScreenOptions): XtermScreen {
  const { fontSize, dark, label } = options
  const terminal = new Terminal({
    // The grapheme addon is written against xterm's proposed unicode API.
    allowProposedApi: true,
    cursorBlink: true,
    cursorInactiveStyle: 'outline',
    fontFamily: FONT,
    fontSize,
    fontWeightBold: '600',
    linkHandler: { activate: (_, text) => openLink(text) },
    macOptionIsMeta: true,
    minimumContrastRatio: 4.5,
    rightClickSelectsWord: false,
    scrollback: SCROLLBACK_LINES,
    scrollOnEraseInDisplay: true,
    theme: terminalTheme(dark),
    // Nothing about the window is told or changed: every one of these is off.
    windowOptions: {},
  })
  const fitting = new FitAddon()
  const host = document.createElement('div')
  host.className = 'terminal-host'
  let webgl: WebglAddon | undefined
  let endTouch: (() => void) | undefined

  terminal.loadAddon(fitting)
  terminal.loadAddon(new UnicodeGraphemesAddon())
  terminal.loadAddon(new WebLinksAddon((_, text) => openLink(text)))

  function drawFast(): void {
    try {
      webgl = new WebglAddon()
      webgl.onContextLoss(drawPlainly)
      terminal.loadAddon(webgl)
      terminal.options.lineHeight = WEBGL_LINE_HEIGHT
    } catch {
      // No WebGL 2 here: xterm's own renderer, made of elements, goes on.
      drawPlainly()
    }
  }

  function drawPlainly(): void {
    webgl?.dispose()
    webgl = undefined
    terminal.options.lineHeight = 1
  }

  return {
    screen: terminal,
    mount(parent) {
      parent.append(host)
      if (!terminal.element) {
        terminal.open(host)
        terminal.textarea?.setAttribute('aria-label', label)
        endTouch = scrollByTouch(host)
      }
      drawFast()
    },
    unmount() {
      // Browsers allow only some WebGL contexts at once, and a hidden terminal needs none.
      webgl?.dispose()
      webgl = undefined
      host.remove()
    },
    measure() {
      if (!host.isConnected) return undefined
      const fits = fitting.proposeDimensions()
      if (!fits || !Number.isFinite(fits.cols) || !Number.isFinite(fits.rows)) return undefined
      return { cols: Math.min(fits.cols, 1_000), rows: Math.min(fits.rows, 1_000) }
    },
    focus: () => terminal.focus(),
    setDark(isDark) {
      terminal.options.theme = terminalTheme(isDark)
    },
    dispose() {
      endTouch?.()
      terminal.dispose()
      host.remove()
    },
  }
}
