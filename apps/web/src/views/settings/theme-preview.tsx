import type { JSX } from 'preact'
import type { App } from '../../state/app.ts'
import { terminalTheme } from '../../terminal/themes.ts'

/** How a terminal would look, without one. For the eye alone. */
export function ThemePreview({ app }: { readonly app: App }): JSX.Element {
  const settings = app.settings.values.value
  const theme = terminalTheme(settings.terminalTheme, app.page.dark.value)
  const ink = (color: string | undefined, text: string): JSX.Element => (
    <span style={{ color }}>{text}</span>
  )
  return (
    <div
      class="theme-preview"
      aria-hidden="true"
      style={{ background: theme.background, color: theme.foreground }}
    >
      {ink(theme.green, 'you@host')} {ink(theme.blue, '~/project')} $ git status
      <br />
      On branch {ink(theme.magenta, 'main')}, {ink(theme.cyan, '2 ahead')}
      <br />
      {ink(theme.red, '  modified: src/app.ts')} {ink(theme.yellow, '+12 −3')}
    </div>
  )
}
