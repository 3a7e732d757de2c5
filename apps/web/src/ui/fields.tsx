import type { ComponentChildren, JSX } from 'preact'
import { useId } from 'preact/hooks'

export interface FieldProps {
  readonly label: string
  /** What it does, in a sentence. */
  readonly hint?: string | undefined
}

interface FrameProps extends FieldProps {
  readonly id: string
  readonly inline?: boolean
  readonly children: ComponentChildren
}

/** A label, a hint, and what is set: beside each other where there is room. */
function Frame({ id, label, hint, inline = false, children }: FrameProps): JSX.Element {
  return (
    <div class="form-field" data-inline={inline}>
      <div class="form-words">
        <label for={id}>{label}</label>
        {hint && (
          <p id={`${id}-hint`} class="form-hint">
            {hint}
          </p>
        )}
      </div>
      {children}
    </div>
  )
}

export interface SelectFieldProps<T extends string> extends FieldProps {
  readonly value: T
  readonly options: readonly { readonly value: T; readonly label: string }[]
  readonly onChange: (value: T) => void
}

export function SelectField<T extends string>(props: SelectFieldProps<T>): JSX.Element {
  const { label, hint, value, options, onChange } = props
  const id = useId()
  return (
    <Frame id={id} label={label} hint={hint}>
      <select
        id={id}
        class="field select"
        value={value}
        aria-describedby={hint && `${id}-hint`}
        onChange={({ currentTarget }) => {
          const chosen = options.find((each) => each.value === currentTarget.value)
          if (chosen) onChange(chosen.value)
        }}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </Frame>
  )
}

export interface SwitchFieldProps extends FieldProps {
  readonly checked: boolean
  readonly onChange: (checked: boolean) => void
}

export function SwitchField({ label, hint, checked, onChange }: SwitchFieldProps): JSX.Element {
  const id = useId()
  return (
    <Frame id={id} label={label} hint={hint} inline>
      <input
        id={id}
        type="checkbox"
        role="switch"
        class="switch"
        checked={checked}
        aria-checked={checked}
        aria-describedby={hint && `${id}-hint`}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
    </Frame>
  )
}

export interface NumberFieldProps extends FieldProps {
  readonly value: number
  readonly min: number
  readonly max: number
  readonly step: number
  readonly onChange: (value: number) => void
}

export function NumberField(props: NumberFieldProps): JSX.Element {
  const { label, hint, value, min, max, step, onChange } = props
  const id = useId()
  return (
    <Frame id={id} label={label} hint={hint}>
      <input
        id={id}
        class="field number"
        type="number"
        inputMode="decimal"
        value={value}
        min={min}
        max={max}
        step={step}
        aria-describedby={hint && `${id}-hint`}
        onChange={({ currentTarget }) => {
          // Empty is no number; the old one comes back.
          if (currentTarget.value !== '') onChange(Number(currentTarget.value))
          currentTarget.value = String(value)
        }}
      />
    </Frame>
  )
}

export interface TextFieldProps extends FieldProps {
  readonly value: string
  readonly placeholder?: string | undefined
  readonly type?: 'text' | 'url' | 'password' | 'search' | undefined
  readonly error?: string | undefined
  readonly required?: boolean | undefined
  /** When it was left, or Enter pressed. */
  readonly onChange?: ((value: string) => void) | undefined
  /** With every key. */
  readonly onInput?: ((value: string) => void) | undefined
}

export function TextField(props: TextFieldProps): JSX.Element {
  const { label, hint, value, placeholder, type = 'text', error, required } = props
  const { onChange, onInput } = props
  const id = useId()
  return (
    <Frame id={id} label={label} hint={hint}>
      <div class="form-input">
        <input
          id={id}
          class="field"
          type={type}
          value={value}
          placeholder={placeholder}
          required={required}
          spellcheck={false}
          autocapitalize="off"
          aria-invalid={error !== undefined}
          aria-describedby={[hint && `${id}-hint`, error && `${id}-error`]
            .filter(Boolean)
            .join(' ')}
          onChange={({ currentTarget }) => onChange?.(currentTarget.value)}
          onInput={({ currentTarget }) => onInput?.(currentTarget.value)}
        />
        {error && (
          <p id={`${id}-error`} class="form-error" role="alert">
            {error}
          </p>
        )}
      </div>
    </Frame>
  )
}
