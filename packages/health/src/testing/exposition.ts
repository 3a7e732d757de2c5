/** What a scraper reads: each family with its samples, whose labels are sorted. */
export interface ParsedFamily {
  readonly help: string
  readonly type: string
  readonly samples: { readonly labels: Record<string, string>; readonly value: number }[]
}

const HELP = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/s
const TYPE = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (gauge|counter)$/
const SAMPLE =
  /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.+)\})? (NaN|[+-]Inf|-?\d+(?:\.\d+)?(?:e[+-]\d+)?)$/s
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,(?!$)|$)/gy

/**
 * Reads the text format of Prometheus, stricter than Prometheus itself: HELP, TYPE and samples of a
 * family in this order and together, no series twice, every escape a known one, a line end at the end.
 *
 * @throws Error at the first line that is wrong.
 */
export function parseExposition(text: string): Map<string, ParsedFamily> {
  const families = new Map<string, ParsedFamily>()
  if (text === '') return families
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  let helped: { name: string; help: string } | undefined
  let current: { name: string; family: ParsedFamily } | undefined
  for (const line of text.slice(0, -1).split('\n')) {
    const wrong = (why: string): Error => new Error(`${why}: ${JSON.stringify(line)}`)
    const [, helpName, help] = HELP.exec(line) ?? []
    const [, typeName, type] = TYPE.exec(line) ?? []
    if (helpName !== undefined && help !== undefined) {
      if (families.has(helpName)) throw wrong('a family twice')
      helped = { name: helpName, help: unescapeText(help) }
    } else if (typeName !== undefined && type !== undefined) {
      if (helped?.name !== typeName) throw wrong('TYPE without its HELP')
      current = { name: typeName, family: { help: helped.help, type, samples: [] } }
      families.set(typeName, current.family)
      helped = undefined
    } else {
      const [matches, name, labels = '', value = ''] = SAMPLE.exec(line) ?? []
      if (matches === undefined) throw wrong('no sample')
      if (current?.name !== name) throw wrong('a sample outside its family')
      const sample = {
        labels: parseLabels(labels),
        value: Number(value.replace('Inf', 'Infinity')),
      }
      const same = (each: unknown): boolean =>
        JSON.stringify(each) === JSON.stringify(sample.labels)
      if (current?.family.samples.some((each) => same(each.labels))) throw wrong('a series twice')
      current?.family.samples.push(sample)
    }
  }
  return families
}

function parseLabels(text: string): Record<string, string> {
  const labels: [string, string][] = []
  LABEL.lastIndex = 0
  let end = 0
  for (let match = LABEL.exec(text); match; match = LABEL.exec(text)) {
    const [, name = '', value = ''] = match
    end = LABEL.lastIndex
    if (labels.some(([each]) => each === name)) throw new Error(`the label ${name} twice`)
    labels.push([name, unescapeText(value)])
    if (end === text.length) break
  }
  if (end !== text.length) throw new Error(`labels end at ${end}: ${JSON.stringify(text)}`)
  return Object.fromEntries(labels.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function unescapeText(text: string): string {
  return text.replace(/\\(.?)/g, (whole, letter) => {
    if (letter === 'n') return '\n'
    if (letter === '\\' || letter === '"') return letter
    throw new Error(`an unknown escape: ${whole}`)
  })
}
