import type { Clock } from '@conductor/machine'
import type { Session } from '@conductor/session-client'
import { signal } from '@preact/signals'
import { errorText } from '../../api/api-error.ts'
import { type SessionRef, sessionKey } from '../../servers/session-ref.ts'
import type { App } from '../../state/app.ts'
import { noticeToast, refusedInputToast } from '../../state/notices.ts'
import type { OpenTerminal } from '../../state/terminals.ts'
import { attachTo } from '../../terminal/attach-to.ts'
import { lookColors, type TerminalLook } from '../../terminal/look.ts'
import { isRiskyPaste, quotePath } from '../../terminal/paste-text.ts'
import { TERMINAL_HINT } from '../../terminal/terminal-hint.ts'
import type { SizePolicy } from '../../terminal/terminal-size.ts'
import { createTerminalView } from '../../terminal/terminal-view.ts'
import { createXtermScreen } from '../../terminal/xterm-screen.ts'
import { askBeforePaste, askBeforeWrite, followLink } from './questions.tsx'

/** How long the frame of a terminal glows after its bell, in milliseconds. */
const RINGING_MS = 300

export interface OpenTerminalOptions {
  readonly app: App
  readonly clock: Clock
  readonly look: () => TerminalLook
  readonly onUnauthorized: () => void
  readonly ringSound: () => void
}

/** Puts a session, a screen and what a person may do with them together. */
export function createOpenTerminal(ref: SessionRef, options: OpenTerminalOptions): OpenTerminal {
  const { app, clock, look, onUnauthorized, ringSound } = options
  const { settings, toasts, sessions, servers, workspace } = app
  const server = servers.find(ref.server) ?? servers.here
  const mark = signal<'none' | 'activity' | 'bell'>('none')
  const ringing = signal(false)

  /** On a desk, and in what this page has made, there is nobody whose size it could spoil. */
  function sizePolicy(): SizePolicy {
    if (!app.page.handheld.peek() || sessions.isMine(ref)) return 'always'
    return settings.values.peek().phoneSize
  }

  const xterm = createXtermScreen({
    look: look(),
    label: `Terminal ${sessions.nameOf(ref)}`,
    hint: TERMINAL_HINT,
    onPaste(text) {
      const guarded = settings.values.peek().pasteGuard
      if (!guarded || !isRiskyPaste(text, xterm.bracketedPaste)) return false
      void paste(text)
      return true
    },
    onFiles: (files) => void upload(files),
    onLink: (target, hidden) => void followLink(app, target, hidden),
    onZoom(fontSize) {
      // One's own grid has as many cells as fit; that of others stays, and is drawn larger.
      if (view.state.follows) xterm.zoom(fontSize)
      else settings.set('fontSize', Math.round(fontSize))
    },
    onSelected(text) {
      if (settings.values.peek().copyOnSelect) void app.clipboard.write(text)
    },
    onProblem: (what) =>
      toasts.show(
        'problem',
        what === 'images'
          ? 'Pictures need WebAssembly, which this server does not allow its pages'
          : 'Ligatures could not be loaded',
      ),
  })

  const attach = attachTo(ref.id, server.api)
  let session: Session | undefined
  const view = createTerminalView({
    screen: xterm.screen,
    attach(options) {
      session = attach(options)
      session.setColors(lookColors(look()))
      return session
    },
    clock,
    sizePolicy,
    modify: app.phone.modify,
    onUnauthorized,
    onNotice: (code, text) => toasts.show(...noticeToast(code, text)),
    onRefusedInput(reason, sizeBytes) {
      const toast = refusedInputToast(reason, sizeBytes)
      if (toast) toasts.show('problem', toast)
    },
    onSign: (sign) => (sign === 'bell' ? ring() : markUnlessSeen('activity')),
    onClipboardWrite: (text) => void writeClipboard(text),
  })
  const state = signal(view.state)
  view.subscribe((next) => {
    state.value = next
  })

  /** Only what nobody sees needs a mark. */
  function markUnlessSeen(next: 'activity' | 'bell'): void {
    if (xterm.visible && document.visibilityState === 'visible') return
    if (mark.peek() !== 'bell') mark.value = next
  }

  function ring(): void {
    const { bell } = settings.values.peek()
    if (bell === 'none') return
    markUnlessSeen('bell')
    if (bell === 'sound') ringSound()
    ringing.value = true
    clock.setTimeout(() => {
      ringing.value = false
    }, RINGING_MS)
  }

  async function paste(text: string): Promise<void> {
    const guarded = settings.values.peek().pasteGuard
    const risky = guarded && isRiskyPaste(text, xterm.bracketedPaste)
    if (risky && !(await askBeforePaste(app, text))) return
    xterm.paste(text)
    xterm.focus()
  }

  async function writeClipboard(text: string): Promise<void> {
    const { clipboardWrite } = settings.values.peek()
    if (clipboardWrite === 'off') return
    if (clipboardWrite === 'ask' && !(await askBeforeWrite(app, sessions.nameOf(ref), text))) return
    await app.clipboard.write(text)
  }

  async function store(files: readonly File[]): Promise<readonly string[]> {
    toasts.show('info', files.length === 1 ? `Sending ${files[0]?.name}…` : 'Sending files…')
    const paths: string[] = []
    try {
      for (const file of files) {
        const name = file.name || `pasted.${file.type.split('/')[1] ?? 'bin'}`
        const { path } = await server.api.uploadFile(ref.id, file, name)
        paths.push(quotePath(path))
      }
    } catch (error) {
      toasts.show('problem', `Not sent: ${errorText(error)}`)
    }
    return paths
  }

  async function upload(files: readonly File[]): Promise<void> {
    const paths = await store(files)
    for (const path of paths) xterm.paste(`${path} `)
    if (paths.length > 0) workspace.refocus()
  }

  return {
    key: sessionKey(ref),
    ref,
    view,
    xterm,
    configure(next) {
      xterm.configure(next)
      session?.setColors(lookColors(next))
    },
    state,
    mark,
    ringing,
    finding: signal(false),
    reading: signal(false),
    type: (keys) => view.type(keys),
    paste,
    store,
    upload,
  }
}
