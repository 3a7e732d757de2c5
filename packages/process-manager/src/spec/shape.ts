import { hint } from './nearest.ts'
import { parseDuration, parseSize } from './units.ts'

// A few words to say what data must look like, once: for the check of a spec, for the processes
// file, and for the JSON Schema that editors read. Written here because a spec is checked in a
// synchronous call and every user of the library would pay for loading a validator: 60 ms for zod.

/** Where a value stands: `['ready', 'check', 'probe']`. */
export type Path = readonly (string | number)[]

/** One fault. The text says what is there and what to write in its place. */
export interface Issue {
  readonly path: Path
  readonly text: string
  /** The fault is the name of the field and not its value. */
  readonly ofKey?: true
}

/** `['args', 0]` as `args[0]`. */
export function fieldName(path: Path): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '')
}

export interface Reading {
  readonly path: Path
  /** Whether `5s` and `10M` are numbers, as in a file. */
  readonly texts: boolean
  readonly report: (issue: Issue) => void
}

export type JsonSchema = Readonly<Record<string, unknown>>

export interface Shape<T> {
  /** The value as a `T`. After a fault was reported it is `undefined`, or has holes. */
  read(value: unknown, reading: Reading): T | undefined
  readonly schema: JsonSchema
}

export type Of<S> = S extends Shape<infer T> ? T : never

/** Something to say about a value of the right type; `undefined` is: nothing. */
type Objection<T> = (value: T) => string | undefined

/** A piece of text without NUL, which no system call would take. */
export function text<T extends string = string>(
  expected = 'a text',
  object: Objection<string> = () => undefined,
  schema: JsonSchema = {},
): Shape<T> {
  return leaf<T>({ type: 'string', ...schema }, (value) => {
    if (typeof value !== 'string') return `is ${show(value)}: write ${expected}`
    if (value.includes('\0')) return `has a NUL byte in it: write ${expected}`
    const objection = object(value)
    return objection === undefined ? undefined : `is ${show(value)}: ${objection}`
  })
}

export function boolean(): Shape<boolean> {
  return leaf({ type: 'boolean' }, (value) =>
    typeof value === 'boolean' ? undefined : `is ${show(value)}: write true or false`,
  )
}

/** @param unit As `milliseconds`. @param options.whole Default: yes. */
export function number(
  unit: string,
  options: { readonly min: number; readonly max: number; readonly whole?: boolean },
): Shape<number> {
  const { min, max, whole = true } = options
  return leaf({ type: whole ? 'integer' : 'number', minimum: min, maximum: max }, (value) =>
    typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value))
      ? undefined
      : `is ${show(value)}: write ${whole ? 'a whole number of ' : ''}${unit} from ${min} to ${max}`,
  )
}

/** Milliseconds; in a file a text, as `5s`, too. */
export function duration(min: number, max: number): Shape<number> {
  return measured(number('milliseconds', { min, max }), parseDuration, '5s, 250ms or 1m30s')
}

/** Bytes; in a file a text, as `10M`, too. */
export function size(min: number, max: number): Shape<number> {
  return measured(number('bytes', { min, max }), parseSize, '10M, 512K or 1.5G')
}

function measured(
  plain: Shape<number>,
  parse: (text: string) => number | undefined,
  examples: string,
): Shape<number> {
  return {
    schema: { anyOf: [plain.schema, { type: 'string', description: examples }] },
    read(value, reading) {
      if (!reading.texts || typeof value !== 'string') return plain.read(value, reading)
      const parsed = parse(value)
      if (parsed !== undefined) return plain.read(parsed, reading)
      reading.report({
        path: reading.path,
        text: `is ${show(value)}: write a number, or a text as ${examples}`,
      })
      return undefined
    },
  }
}

export function oneOf<const T extends string>(words: readonly T[]): Shape<T> {
  return leaf({ enum: words }, (value) =>
    words.some((word) => word === value)
      ? undefined
      : `is ${show(value)}: ${hint(typeof value === 'string' ? value : '', words)}`,
  )
}

export function list<T>(each: Shape<T>): Shape<readonly T[]> {
  return {
    schema: { type: 'array', items: each.schema },
    read(value, reading) {
      if (!Array.isArray(value)) return wrong(value, reading, 'a list')
      // With a fault in it the list is never used, so a hole does no harm.
      return value.map((item, index) => each.read(item, under(reading, index)) as T)
    },
  }
}

/** Names are the writer's own. `key` says which are possible. */
export function record<T>(
  each: Shape<T>,
  key: Shape<string> = text(),
): Shape<Readonly<Record<string, T>>> {
  return {
    schema: { type: 'object', additionalProperties: each.schema, propertyNames: key.schema },
    read(value, reading) {
      if (!isRecord(value)) return wrong(value, reading, 'an object')
      const entries = Object.entries(value).filter(([, item]) => item !== undefined)
      return Object.fromEntries(
        entries.map(([name, item]) => {
          const here = under(reading, name)
          key.read(name, { ...here, report: (issue) => reading.report({ ...issue, ofKey: true }) })
          return [name, each.read(item, here) as T] // as in `list`
        }),
      )
    },
  }
}

type RequiredKey<T> = { [K in keyof T]-?: undefined extends T[K] ? never : K }[keyof T]
type Fields<T, K extends keyof T> = { readonly [Name in K]-?: Shape<Exclude<T[Name], undefined>> }

/** Every field of `T` has to be named, so that a type that grows does not compile without its check. */
export function object<T extends object>(
  required: Fields<T, RequiredKey<T>>,
  optional: Fields<T, Exclude<keyof T, RequiredKey<T>>>,
): Shape<T> {
  const needed = Object.entries<Shape<unknown>>(required)
  const shapes = new Map([...needed, ...Object.entries<Shape<unknown>>(optional)])
  return {
    schema: {
      type: 'object',
      properties: Object.fromEntries([...shapes].map(([name, { schema }]) => [name, schema])),
      required: needed.map(([name]) => name),
      additionalProperties: false,
    },
    read(value, reading) {
      if (!isRecord(value)) return wrong(value, reading, 'an object')
      const result: Record<string, unknown> = {}
      for (const [name, item] of Object.entries(value)) {
        const shape = shapes.get(name)
        if (item === undefined) continue
        if (shape) result[name] = shape.read(item, under(reading, name))
        else {
          const issue = `is no field here: ${hint(name, [...shapes.keys()])}`
          reading.report({ path: [...reading.path, name], text: issue, ofKey: true })
        }
      }
      for (const [name, shape] of needed)
        if (!Object.hasOwn(value, name) || value[name] === undefined)
          reading.report({
            path: [...reading.path, name],
            text: `is missing: write ${nameOf(shape)}`,
          })
      // All fields were read by their shapes.
      return result as T
    },
  }
}

/** Objects that say by `kind` which they are. */
export function kinds<T extends { readonly kind: string }>(
  members: {
    readonly [K in T['kind']]: Shape<Omit<Extract<T, { readonly kind: K }>, 'kind'>>
  },
): Shape<T> {
  const shapes = new Map(Object.entries<Shape<object>>(members))
  return {
    schema: {
      anyOf: [...shapes].map(([kind, { schema }]) => ({
        ...schema,
        properties: { kind: { const: kind }, ...(schema['properties'] as object) }, // of `object`
        required: ['kind', ...(schema['required'] as string[])],
      })),
    },
    read(value, reading) {
      if (!isRecord(value)) return wrong(value, reading, 'an object')
      const { kind, ...rest } = value
      const shape = typeof kind === 'string' ? shapes.get(kind) : undefined
      const known = oneOf([...shapes.keys()])
      if (!shape) {
        const here = { path: [...reading.path, 'kind'] }
        if (kind === undefined)
          reading.report({ ...here, text: `is missing: ${hint('', [...shapes.keys()])}` })
        else known.read(kind, { ...reading, ...here })
        return undefined
      }
      // The shape of this kind has read the rest.
      return { kind, ...shape.read(rest, reading) } as unknown as T
    },
  }
}

/** One shape or another, told apart by `first`: errors then speak about the one that was meant. */
export function either<A, B>(
  first: (value: unknown) => boolean,
  a: Shape<A>,
  b: Shape<B>,
): Shape<A | B> {
  return {
    schema: { anyOf: [a.schema, b.schema] },
    read: (value, reading) => (first(value) ? a : b).read(value, reading),
  }
}

function leaf<T>(schema: JsonSchema, object: Objection<unknown>): Shape<T> {
  return {
    schema,
    read(value, { path, report }) {
      const fault = object(value)
      if (fault === undefined) return value as T // what `object` is for
      report({ path, text: fault })
      return undefined
    },
  }
}

function under(reading: Reading, step: string | number): Reading {
  return { ...reading, path: [...reading.path, step] }
}

function wrong(value: unknown, { path, report }: Reading, expected: string): undefined {
  report({ path, text: `is ${show(value)}: write ${expected}` })
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function nameOf({ schema }: Shape<unknown>): string {
  const type = schema['type']
  return type === 'array' ? 'a list' : type === 'string' ? 'a text' : `an object`
}

/** A value in a message: short, on one line, and never the cause of a second error. */
function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return shown.length > 80 ? `${shown.slice(0, 79)}…` : shown
}
