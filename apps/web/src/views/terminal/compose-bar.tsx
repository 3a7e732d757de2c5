import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { App } from '../../state/app.ts'
import type { OpenTerminal } from '../../state/terminals.ts'
import { IconButton } from '../../ui/icon-button.tsx'
import { Icon } from '../../ui/icons.tsx'
import { Menu } from '../../ui/menu.tsx'
import { chooseFiles } from './choose-files.ts'
import { sendComposed } from './send-composed.ts'

export interface ComposeBarProps {
  readonly app: App
  readonly terminal: OpenTerminal
}

/** Longer ones are cut in the list of what was sent; what is chosen is whole. */
const LONGEST_SHOWN = 60

/** A real field, in which dictation, correction and every keyboard work; its text is sent in one piece. */
export function ComposeBar({ app, terminal }: ComposeBarProps): JSX.Element {
  const { settings, phone, sessions } = app
  const compose = phone.compose.of(terminal.key)
  const field = useRef<HTMLTextAreaElement>(null)
  const [menu, setMenu] = useState<{ x: number; y: number } | undefined>()
  const draft = compose.draft.value
  const enter = settings.values.value.composeEnter
  const sent = compose.sent.value

  useEffect(() => {
    const element = field.current
    if (!element || CSS.supports('field-sizing', 'content')) return
    // As high as what is written; the style sheet says how high at most.
    element.style.height = 'auto'
    element.style.height = `${element.scrollHeight}px`
  }, [draft])

  async function send(): Promise<void> {
    const text = compose.draft.peek()
    if (await sendComposed(app, terminal, text)) {
      phone.tick()
      compose.took(text)
    }
  }

  async function attach(files: readonly File[]): Promise<void> {
    if (files.length === 0) return
    const paths = await terminal.store(files)
    const before = compose.draft.peek()
    const gap = before === '' || /\s$/.test(before) ? '' : ' '
    if (paths.length > 0) compose.write(`${before}${gap}${paths.join(' ')} `)
  }

  return (
    <form
      class="compose"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      <IconButton
        icon="attach"
        label="Attach a picture or a file"
        side="above"
        onClick={() => void chooseFiles().then(attach)}
      />
      <div class="compose-box">
        <textarea
          ref={field}
          class="compose-text"
          rows={1}
          aria-label={`Write to ${sessions.nameOf(terminal.ref)}`}
          placeholder="Write…"
          autocapitalize="sentences"
          value={draft}
          onInput={({ currentTarget }) => compose.write(currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
            event.preventDefault()
            void send()
          }}
          onPaste={(event) => {
            const files = [...(event.clipboardData?.files ?? [])]
            if (files.length === 0) return
            event.preventDefault()
            void attach(files)
          }}
        />
        {draft === '' && sent.length > 0 && (
          <IconButton
            icon="clock"
            label="What was sent"
            side="above"
            expanded={menu !== undefined}
            onClick={({ currentTarget }) => {
              const { left, top } = (currentTarget as Element).getBoundingClientRect()
              setMenu({ x: left, y: top })
            }}
          />
        )}
        {draft !== '' && (
          <IconButton
            icon="enter"
            label={enter ? 'With Enter behind it' : 'Without Enter'}
            side="above"
            class="compose-enter"
            pressed={enter}
            onClick={() => settings.set('composeEnter', !enter)}
          />
        )}
      </div>
      <button
        type="submit"
        class="compose-send"
        aria-label={draft === '' ? 'Send Enter' : 'Send'}
        // The keyboard stays for what comes next.
        onMouseDown={(event) => event.preventDefault()}
      >
        <Icon name={draft === '' ? 'enter' : 'up'} />
      </button>
      {menu && (
        <Menu
          label="What was sent"
          at={menu}
          items={sent.toReversed().map((text) => ({
            label: text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text,
            run: () => compose.write(text),
          }))}
          onClose={() => setMenu(undefined)}
        />
      )}
    </form>
  )
}
