import { describe, expect, it } from 'vitest'
import { levelOf, readLine } from './log-line.ts'

const read = (raw: string, pretty = true) => readLine(0, raw, {}, pretty).line

describe('the level of a line', () => {
  it.each([
    ['2026-01-01 10:00:00 ERROR cannot open', 'error'],
    ['WARN  deprecated', 'warn'],
    ['[info] server started', 'info'],
    ['time=1 level=warning msg=x', 'warn'],
    ['level="debug" x', 'debug'],
    ['panic: no', undefined],
    ['PANIC no', 'fatal'],
    ['there was no error here', undefined],
    ['TERRORS', undefined],
    [`${'x'.repeat(90)} ERROR`, undefined],
  ])('%s', (line, level) => {
    expect(levelOf(line)).toBe(level)
  })
})

describe('JSON', () => {
  it('is read as time, level, words and the rest', () => {
    const line = read('{"level":50,"time":1767225600123,"msg":"no","pid":7,"err":{"code":"E"}}')
    expect(line.text).toBe('00:00:00.123 ERROR no pid=7 err={"code":"E"}')
    expect(line.level).toBe('error')
  })

  it('of other loggers is known, too', () => {
    const line = read('{"severity":"WARNING","timestamp":"2026-01-01T10:00:00Z","message":"x"}')
    expect(line.text).toBe('10:00:00.000 WARN  x')
    expect(read('{"level":"__proto__","msg":"x"}').level).toBe(undefined)
    expect(read('{"ts":1767225600.5,"msg":"x"}').text).toBe('00:00:00.500 x')
    expect(read('{"time":"soon","msg":"x"}').text).toBe('soon x')
  })

  it.each([
    ['no JSON', '{"msg": "x"'],
    ['data without words', '{"a":1}'],
    ['a list', '[1]'],
    ['too much', `{"msg":"${'x'.repeat(20_001)}"}`],
  ])('is left alone when it is %s', (_, raw) => {
    expect(read(raw).text).toBe(raw)
  })

  it('is left alone when a person wants it as it is', () => {
    expect(read('{"msg":"x"}', false).text).toBe('{"msg":"x"}')
  })

  it('has no line breaks and steers nothing, whatever its fields hold', () => {
    const line = read(JSON.stringify({ msg: 'a\nb\x1b[31mc', x: '\x1b]0;t\x07<img src=x>' }))
    expect(line.text).toBe('a ⏎ bc x=<img src=x>')
  })
})
