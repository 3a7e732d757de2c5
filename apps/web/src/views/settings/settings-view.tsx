import './settings-view.css'
import type { ComponentChildren, JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { place } from '../../layout/place.ts'
import { type NumberSetting, SETTINGS, type Settings } from '../../settings/schema.ts'
import { TERMINAL_THEME_NAMES, TERMINAL_THEME_TITLES } from '../../settings/theme-names.ts'
import type { App } from '../../state/app.ts'
import { NumberField, SelectField, SwitchField, TextField } from '../../ui/fields.tsx'
import { Icon } from '../../ui/icons.tsx'
import type { ViewProps } from '../views.ts'
import { PhoneSettings } from './phone-settings.tsx'
import { ThemePreview } from './theme-preview.tsx'

type Keys<T> = { [K in keyof Settings]: Settings[K] extends T ? K : never }[keyof Settings]

/** Everything that can be set, in this browser. A change is there at once, in every terminal. */
export function SettingsView({ app, focused }: ViewProps): JSX.Element {
  const first = useRef<HTMLDivElement>(null)
  const visits = app.workspace.visits.value

  useLayoutEffect(() => {
    if (focused && app.dialogs.open.peek().length === 0)
      first.current?.focus({ preventScroll: true })
  }, [focused, visits])

  return (
    // Somewhere for the keyboard to begin, and to scroll with.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <div ref={first} class="view settings" tabIndex={0}>
      <div class="view-body">
        <h2 class="view-title">Settings</h2>
        <p class="view-lead">They are kept in this browser, and change nothing on the server.</p>
        <Page app={app} />
        <Look app={app} />
        <Behaviour app={app} />
        <PhoneSettings app={app} />
        <Programs app={app} />
        <button
          type="button"
          class="button settings-more"
          onClick={() => app.workspace.open(place('waiting'))}
        >
          <Icon name="bell" />
          How you are told that a session waits
        </button>
        <button type="button" class="button" onClick={() => app.settings.reset()}>
          Set everything back
        </button>
      </div>
    </div>
  )
}

interface PartProps {
  readonly app: App
}

function Group({
  title,
  children,
}: {
  readonly title: string
  readonly children: ComponentChildren
}): JSX.Element {
  return (
    <fieldset class="settings-group">
      <legend>{title}</legend>
      {children}
    </fieldset>
  )
}

function Page({ app }: PartProps): JSX.Element {
  return (
    <Group title="Page">
      <Choice
        app={app}
        name="theme"
        label="Colours"
        options={{ system: 'As the system', light: 'Light', dark: 'Dark' }}
      />
      <Choice
        app={app}
        name="motion"
        label="Motion"
        hint="The system's own wish for less motion is always kept."
        options={{ system: 'As the system', reduced: 'As little as possible' }}
      />
    </Group>
  )
}

function Look({ app }: PartProps): JSX.Element {
  const { terminalTheme, fontFamily } = app.settings.values.value
  return (
    <Group title="Look of terminals">
      <SelectField
        label="Colours"
        value={terminalTheme}
        options={TERMINAL_THEME_NAMES.map((value) => ({
          value,
          label: TERMINAL_THEME_TITLES[value],
        }))}
        onChange={(value) => app.settings.set('terminalTheme', value)}
      />
      <ThemePreview app={app} />
      <TextField
        label="Font"
        hint="As it is called on this device. Empty takes the usual one."
        placeholder="JetBrains Mono"
        value={fontFamily}
        onChange={(value) => app.settings.set('fontFamily', value)}
      />
      <Amount app={app} name="fontSize" label="Text size" hint="In pixels." step={1} />
      <Amount app={app} name="lineHeight" label="Line height" hint="In text sizes." step={0.05} />
      <Switch
        app={app}
        name="ligatures"
        label="Ligatures"
        hint="Draws => and its kind as one sign, where the font can."
      />
      <Choice
        app={app}
        name="cursorStyle"
        label="Cursor"
        options={{ block: 'Block', bar: 'Bar', underline: 'Underline' }}
      />
      <Switch app={app} name="cursorBlink" label="Blinking cursor" />
    </Group>
  )
}

function Behaviour({ app }: PartProps): JSX.Element {
  return (
    <Group title="Behaviour of terminals">
      <Amount
        app={app}
        name="scrollbackLines"
        label="Lines to scroll back"
        hint="On this page. The server keeps more."
        step={1_000}
      />
      <Switch app={app} name="copyOnSelect" label="Copy what is marked at once" />
      <Switch
        app={app}
        name="pasteGuard"
        label="Ask before several lines are pasted"
        hint="Where the program would run each line as it comes."
      />
      <Choice
        app={app}
        name="bell"
        label="Bell"
        options={{ none: 'Nothing', visual: 'To be seen', sound: 'To be seen and heard' }}
      />
      <Switch
        app={app}
        name="screenReader"
        label="For screen readers"
        hint="Writes the output into the page as text. Slower."
      />
    </Group>
  )
}

function Programs({ app }: PartProps): JSX.Element {
  return (
    <Group title="What programs may do">
      <Choice
        app={app}
        name="clipboardWrite"
        label="Put text into the clipboard"
        hint="They can never read it."
        options={{ off: 'No', ask: 'Ask every time', allow: 'Yes' }}
      />
      <Switch
        app={app}
        name="images"
        label="Show pictures"
        hint="SIXEL and iTerm's, up to four million pixels each. For what comes from now on."
      />
    </Group>
  )
}

interface ChoiceProps<K extends Keys<string>> extends PartProps {
  readonly name: K
  readonly label: string
  readonly hint?: string
  readonly options: Readonly<Record<Settings[K], string>>
}

function Choice<K extends Exclude<Keys<string>, 'fontFamily' | 'terminalTheme'>>(
  props: ChoiceProps<K>,
): JSX.Element {
  const { app, name, label, hint, options } = props
  const list = Object.entries<string>(options).map(([value, text]) => ({
    // The keys of a record of these values.
    value: value as Settings[K],
    label: text,
  }))
  return (
    <SelectField
      label={label}
      hint={hint}
      value={app.settings.values.value[name]}
      options={list}
      onChange={(value) => app.settings.set(name, value)}
    />
  )
}

interface SwitchProps extends PartProps {
  readonly name: Keys<boolean>
  readonly label: string
  readonly hint?: string
}

function Switch({ app, name, label, hint }: SwitchProps): JSX.Element {
  return (
    <SwitchField
      label={label}
      hint={hint}
      checked={app.settings.values.value[name]}
      onChange={(checked) => app.settings.set(name, checked)}
    />
  )
}

interface AmountProps extends PartProps {
  readonly name: NumberSetting
  readonly label: string
  readonly hint?: string
  readonly step: number
}

function Amount({ app, name, label, hint, step }: AmountProps): JSX.Element {
  return (
    <NumberField
      label={label}
      hint={hint}
      value={app.settings.values.value[name]}
      min={SETTINGS[name].least}
      max={SETTINGS[name].most}
      step={step}
      onChange={(value) => app.settings.set(name, value)}
    />
  )
}
