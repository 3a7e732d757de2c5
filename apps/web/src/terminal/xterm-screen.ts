import { FitAddon } from '@xterm/addon-fit'
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes'
import { WebLinksAddon } from '@xterm/addon-web-links'
import { Terminal } from '@xterm/xterm'
import { createExtras } from './extras.ts'
import { createFinder, type Finder } from './finder.ts'
import { type IncomingHandlers, watchIncoming } from './incoming.ts'
import { lookOptions, type TerminalLook } from './look.ts'
import { mendScreen } from './mended-screen.ts'
import { zoomByPinch } from './pinch.ts'
import { createReader, type Reading } from './reading.ts'
import { createRenderer } from './renderer.ts'
import type { TerminalScreen } from './screen.ts'
import { scrollByTouch } from './touch-scroll.ts'

/** Smaller cannot be read, in CSS pixels; zoomed out, it is a map. */
const LEAST_FONT_SIZE = 9
const LEAST_ZOOMED = 4
const MOST_ZOOMED = 40

/** More cells than this are no terminal but a mistake of measuring. */
const MOST_CELLS = 1_000

export interface XtermScreenOptions extends IncomingHandlers {
  readonly look: TerminalLook
  /** For screen readers: what it is, and how one gets out of it (default: no word). */
  readonly label: string
  readonly hint?: string | undefined
  /** A link was clicked on: one that can be read, or one behind other words (OSC 8). */
  readonly onLink: (target: string, hidden: boolean) => void
  /** Two fingers want the text so large, in CSS pixels. */
  readonly onZoom: (fontSize: number) => void
  /** Somebody has marked text, and has let go. */
  readonly onSelected: (text: string) => void
  /** What was asked for in the settings could not be had. */
  readonly onProblem: (what: 'ligatures' | 'images', cause: unknown) => void
}

export interface Cells {
  readonly cols: number
  readonly rows: number
}

/** A real terminal, which moves into the page and out of it and keeps what it shows. */
export interface XtermScreen {
  readonly screen: TerminalScreen
  /** @param onCells Called at once, and whenever another number of cells may fit. */
  mount(parent: HTMLElement, onCells: (cells: Cells) => void): void
  unmount(): void
  /** How many cells of the usual size fit into the parent; `undefined` while that cannot be told. */
  measure(): Cells | undefined
  /** Draws smaller, if need be, so that this many rows can be seen; `undefined` draws as usual. */
  showRows(rows: number | undefined): void
  /** Draws the text so large for now, in CSS pixels; the settings stay. `undefined` draws as usual. */
  zoom(fontSize: number | undefined): void
  /** What it shows and has shown, as lines of text: at least so many rows. */
  read(rows: number): Reading
  /** It shows something else. Returns the function that ends it. */
  onChanged(listener: () => void): () => void
  /** Takes the keyboard; but not where that would open one on the screen, which is for a tap to do. */
  focus(): void
  configure(look: TerminalLook): void
  readonly finder: Finder
  /** Whether it is in the page. */
  readonly visible: boolean
  /** The text that is marked. */
  readonly selection: string
  selectAll(): void
  /** Whether the program wants to be told what was pasted (DECSET 2004). */
  readonly bracketedPaste: boolean
  /** Whether the program wants arrows in their other form (DECCKM). */
  readonly applicationCursor: boolean
  /** As if it were pasted: bracketed where the program wants that. */
  paste(text: string): void
  /** Up with a minus. */
  scroll(by: 'top' | 'bottom' | number): void
  dispose(): void
}

export function createXtermScreen(options: XtermScreenOptions): XtermScreen {
  const { label, hint, onLink, onSelected, onProblem, onZoom } = options
  let { look } = options
  const terminal = new Terminal({
    ...lookOptions(look),
    // The grapheme addon is written against xterm's proposed unicode API.
    allowProposedApi: true,
    cursorInactiveStyle: 'outline',
    fontWeightBold: '600',
    linkHandler: { activate: (_, target) => onLink(target, true) },
    macOptionIsMeta: true,
    minimumContrastRatio: 4.5,
    rightClickSelectsWord: false,
    scrollOnEraseInDisplay: true,
    // Nothing about the window is told or changed: every one of these is off.
    windowOptions: {},
  })
  const fitting = new FitAddon()
  const renderer = createRenderer(terminal, look.settings.lineHeight)
  const extras = createExtras(terminal, onProblem)
  const finder = createFinder(terminal)
  const reader = createReader(terminal)
  const host = document.createElement('div')
  host.className = 'terminal-host'
  const ends: (() => void)[] = []
  let endWatch = (): void => {}

  terminal.loadAddon(fitting)
  terminal.loadAddon(new UnicodeGraphemesAddon())
  terminal.loadAddon(new WebLinksAddon((_, text) => onLink(text, false)))

  const screenElement = (): Element | null => host.querySelector('.xterm-screen')
  const lineHeight = (): number => (screenElement()?.clientHeight ?? 0) / terminal.rows

  /** Scrolls the history; or, where the program wants to hear of the wheel, turns it. */
  function scroll(lines: number, clientX: number, clientY: number): void {
    const { active } = terminal.buffer
    if (active.type === 'normal' && terminal.modes.mouseTrackingMode === 'none') {
      terminal.scrollLines(lines)
      return
    }
    const deltaY = Math.sign(lines) * lineHeight()
    const wheel = { deltaY, clientX, clientY, bubbles: true, cancelable: true }
    for (let turns = Math.abs(lines); turns > 0; turns--)
      screenElement()?.dispatchEvent(new WheelEvent('wheel', wheel))
  }

  /** Where the grid of others is taller than the page. */
  function pan(px: number): number {
    const before = host.scrollTop
    host.scrollTop += px
    return px - (host.scrollTop - before)
  }

  function open(): void {
    terminal.open(host)
    describe(terminal.textarea, label, hint)
    ends.push(
      scrollByTouch({ element: host, lineHeight, onLines: scroll, pan }),
      zoomByPinch({ element: host, size: () => terminal.options.fontSize ?? usualSize(), onZoom }),
      watchIncoming(host, options),
    )
    host.addEventListener('pointerup', () => {
      if (terminal.hasSelection()) onSelected(terminal.getSelection())
    })
    extras.configure(look.settings)
  }

  const usualSize = (): number => look.settings.fontSize

  function measure(): Cells | undefined {
    if (!host.isConnected) return undefined
    const { cols = Number.NaN, rows = Number.NaN } = fitting.proposeDimensions() ?? {}
    if (!Number.isFinite(cols) || !Number.isFinite(rows)) return undefined
    const scale = (terminal.options.fontSize ?? usualSize()) / usualSize()
    const usual = (cells: number): number => Math.min(Math.floor(cells * scale), MOST_CELLS)
    return { cols: Math.max(usual(cols), 2), rows: Math.max(usual(rows), 1) }
  }

  return {
    screen: mendScreen(terminal),
    mount(parent, onCells) {
      parent.append(host)
      if (!terminal.element) open()
      renderer.start()
      endWatch = watchLayout([host, screenElement()], () => {
        const cells = measure()
        if (cells) onCells(cells)
      })
    },
    unmount() {
      endWatch()
      renderer.stop()
      host.remove()
    },
    measure,
    showRows(rows) {
      const usualRows = measure()?.rows ?? 0
      const fits = rows === undefined || usualRows === 0 ? 1 : Math.min(usualRows / rows, 1)
      terminal.options.fontSize = Math.max(Math.floor(usualSize() * fits * 2) / 2, LEAST_FONT_SIZE)
    },
    zoom(fontSize = usualSize()) {
      const size = Math.min(Math.max(fontSize, LEAST_ZOOMED), MOST_ZOOMED)
      terminal.options.fontSize = Math.round(size * 2) / 2
    },
    read: (rows) => reader.read(rows),
    onChanged(listener) {
      const ends = [terminal.onWriteParsed(listener), terminal.onResize(listener)]
      return () => {
        for (const end of ends) end.dispose()
      }
    },
    focus() {
      if (!matchMedia('(pointer: coarse)').matches) terminal.focus()
    },
    configure(next) {
      look = next
      // Setting an option to what it is makes xterm draw everything again.
      for (const [name, value] of Object.entries(lookOptions(look)))
        if (terminal.options[name as 'theme'] !== value) terminal.options[name as 'theme'] = value
      renderer.setLineHeight(look.settings.lineHeight)
      extras.configure(look.settings)
    },
    finder,
    get visible() {
      return host.isConnected
    },
    get selection() {
      return terminal.getSelection()
    },
    selectAll: () => terminal.selectAll(),
    get bracketedPaste() {
      return terminal.modes.bracketedPasteMode
    },
    get applicationCursor() {
      return terminal.modes.applicationCursorKeysMode
    },
    paste: (text) => terminal.paste(text),
    scroll(by) {
      if (by === 'top') terminal.scrollToTop()
      else if (by === 'bottom') terminal.scrollToBottom()
      else terminal.scrollPages(by)
    },
    dispose() {
      for (const end of ends) end()
      endWatch()
      renderer.stop()
      reader.dispose()
      terminal.dispose()
      host.remove()
    },
  }
}

/** Names what has the keyboard. The hint is only ever heard: hidden, it is not read by itself as well. */
function describe(field: HTMLElement | undefined, label: string, hint?: string): void {
  field?.setAttribute('aria-label', label)
  if (!field || !hint) return
  const description = document.createElement('p')
  description.id = `terminal-hint-${++described}`
  description.hidden = true
  description.textContent = hint
  field.setAttribute('aria-describedby', description.id)
  field.after(description)
}

/** How many terminals this page has made, for ids. */
let described = 0

/**
 * Calls back now, and once per frame in which one of the elements has another size: that of the host
 * says how much room there is, that of the screen how much room a cell takes.
 */
function watchLayout(elements: readonly (Element | null)[], onLayout: () => void): () => void {
  let frame = 0
  // Measuring inside the observer would make it observe itself.
  const observer = new ResizeObserver(() => {
    cancelAnimationFrame(frame)
    frame = requestAnimationFrame(onLayout)
  })
  for (const element of elements) if (element) observer.observe(element)
  onLayout()
  return () => {
    observer.disconnect()
    cancelAnimationFrame(frame)
  }
}
