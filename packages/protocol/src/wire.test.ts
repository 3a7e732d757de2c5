import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { FrameCode } from './frame-codes.ts'
import {
  type ClientFrame,
  CloseCode,
  decodeClientFrame,
  decodeServerFrame,
  encodeClientFrame,
  encodeServerFrame,
  isFinalCloseCode,
  MAX_FRAME_BYTES,
  MAX_INPUT_BYTES,
  OUTPUT_HEADROOM,
  PROTOCOL_VERSION,
  placeOutputHeader,
  readToken,
  type ServerFrame,
  SUBPROTOCOL,
  tokenProtocol,
} from './index.ts'

type Sent<Frame> = Exclude<Frame, { type: 'unknown' }>

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const unhex = (text: string): Uint8Array =>
  new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)

// Numbers are LEB128: 300 is ac 02, 70,000 is f0 a2 04, 2^53 - 1 is ff ff ff ff ff ff ff 0f.
// biome-ignore format: one frame, one line
const fromClient: readonly (readonly [frame: Sent<ClientFrame>, bytes: string])[] = [
  [{ type: 'hello', version: 1, clientId: 'c0ffee' }, '01 01 06 633066666565'],
  [{ type: 'attach', channel: 1, session: 's1', epoch: 'e9', have: 300, cols: 80, rows: 24, mode: 'viewer' }, '02 01 02 7331 02 6539 ac02 50 18 01'],
  [{ type: 'attach', channel: 1, session: '', epoch: '', have: 0, cols: 200, rows: 50, mode: 'driver' }, '02 01 00 00 00 c801 32 00'],
  [{ type: 'attach', channel: 1, session: '', epoch: '', have: 0, cols: 200, rows: 50, mode: 'driver', catchUpBytes: 70_000 }, '02 01 00 00 00 c801 32 00 f0a204'],
  [{ type: 'detach', channel: 300 }, '03 ac02'],
  [{ type: 'input', channel: 1, seq: 7, bytes: ascii('ls\r') }, '04 01 07 6c730d'],
  [{ type: 'resize', channel: 1, cols: 132, rows: 43, claim: true }, '05 01 8401 2b 01'],
  [{ type: 'ack', channel: 1, offset: 70_000 }, '06 01 f0a204'],
  [{ type: 'repeat', channel: 1, have: Number.MAX_SAFE_INTEGER }, '07 01 ffffffffffffff0f'],
  [{ type: 'colors', channel: 1, foreground: '#fff', background: '', cursor: 'x' }, '80 01 04 23666666 00 01 78'],
  [{ type: 'ping', time: 5 }, '08 05'],
  [{ type: 'pong', time: 5 }, '09 05'],
]

// biome-ignore format: one frame, one line
const fromServer: readonly (readonly [frame: Sent<ServerFrame>, bytes: string])[] = [
  [{ type: 'welcome', version: 1, serverId: 'ab', silenceMs: 25_000, windowBytes: 1_048_576 }, '21 01 02 6162 a8c301 808040'],
  [{ type: 'attached', channel: 1, epoch: 'e9', from: 300, end: 70_000, inputSeq: 6, cols: 80, rows: 24, mode: 'driver', name: 'zsh' }, '22 01 02 6539 ac02 f0a204 06 50 18 00 03 7a7368'],
  [{ type: 'attached', channel: 1, epoch: 'e9', from: 0, end: 0, inputSeq: 0, cols: 80, rows: 24, mode: 'driver', name: '', answers: 'session' }, '22 01 02 6539 00 00 00 50 18 00 00 01'],
  [{ type: 'output', channel: 1, offset: 300, bytes: Uint8Array.of(0x1b, 0xff) }, '23 01 ac02 1bff'],
  [{ type: 'gap', channel: 1, from: 0, to: 300 }, '24 01 00 ac02'],
  [{ type: 'snapshot', channel: 1, offset: 300, cols: 80, rows: 24, bytes: Uint8Array.of(0x1b) }, '25 01 ac02 50 18 1b'],
  [{ type: 'accepted', channel: 1, seq: 7 }, '26 01 07'],
  [{ type: 'size', channel: 1, cols: 80, rows: 24, owner: 'none' }, '27 01 50 18 00'],
  [{ type: 'size', channel: 1, cols: 80, rows: 24, owner: 'you' }, '27 01 50 18 01'],
  [{ type: 'size', channel: 1, cols: 80, rows: 24, owner: 'other' }, '27 01 50 18 02'],
  [{ type: 'exit', channel: 1, offset: 300, code: 0, signal: '' }, '28 01 ac02 01 00'],
  [{ type: 'exit', channel: 1, offset: 300, code: undefined, signal: 'SIGKILL' }, '28 01 ac02 00 07 5349474b494c4c'],
  [{ type: 'refused', channel: 1, code: 4404, reason: 'no' }, '29 01 b422 02 6e6f'],
  [{ type: 'notice', channel: 1, code: 'X', text: 'ä' }, '2a 01 01 58 02 c3a4'],
  [{ type: 'ping', time: 5 }, '08 05'],
  [{ type: 'pong', time: 5 }, '09 05'],
]

describe('the wire', () => {
  it.each(fromClient)('has these bytes for $type of a client, for ever', (frame, bytes) => {
    expect(hex(encodeClientFrame(frame))).toBe(bytes.replaceAll(' ', ''))
    expect(decodeClientFrame(unhex(bytes))).toEqual(frame)
  })

  it.each(fromServer)('has these bytes for $type of a server, for ever', (frame, bytes) => {
    expect(hex(encodeServerFrame(frame))).toBe(bytes.replaceAll(' ', ''))
    expect(decodeServerFrame(unhex(bytes))).toEqual(frame)
  })

  it('has golden bytes for every frame there is', () => {
    const golden = new Set([...fromClient, ...fromServer].map(([frame]) => frame.type))
    expect([...golden].sort()).toEqual(Object.keys(FrameCode).sort())
  })

  it('has the same bytes for output whose header is put before its payload', () => {
    const block = new Uint8Array(OUTPUT_HEADROOM + 2)
    block.set([0x1b, 0xff], OUTPUT_HEADROOM)
    expect(hex(block.subarray(placeOutputHeader(block, OUTPUT_HEADROOM, 1, 300)))).toBe(
      '2301ac021bff',
    )
  })
})

describe('PROTOCOL.md', () => {
  const contract = readFileSync(new URL('../PROTOCOL.md', import.meta.url), 'utf8')

  it.each(Object.entries(FrameCode))('describes %s under its code', (name, code) => {
    expect(contract).toContain(`### \`0x${code.toString(16).padStart(2, '0')}\` ${name}\n`)
  })

  it('describes no frame that the source does not have', () => {
    const described = [...contract.matchAll(/^### `0x([0-9a-f]{2})` (\w+)$/gm)]
    expect(described.map(([, code, name]) => [name, Number.parseInt(code ?? '', 16)])).toEqual(
      Object.entries(FrameCode),
    )
  })

  it.each(Object.entries(CloseCode))('says what %s means and whether to try again', (_, code) => {
    const rows = contract.split('\n').map((line) => line.split('|').map((cell) => cell.trim()))
    const row = rows.find(([, first]) => first === String(code))
    expect(row?.[3]).toBe(isFinalCloseCode(code) ? 'no' : 'yes')
  })

  it('names the limits that the source has', () => {
    for (const fact of [
      `version ${PROTOCOL_VERSION}`,
      `\`${SUBPROTOCOL}\``,
      `${MAX_FRAME_BYTES.toLocaleString('en')} bytes`,
      `${MAX_INPUT_BYTES.toLocaleString('en')} bytes`,
      '1,024 bytes of UTF-8',
      `\`${tokenProtocol('<token>')}\``,
    ])
      expect(contract).toContain(fact)
  })
})

describe('a token in the offer', () => {
  it('is found beside the protocol, and is missed where there is none', () => {
    expect(readToken([SUBPROTOCOL, tokenProtocol('00ff')])).toBe('00ff')
    expect(readToken([SUBPROTOCOL])).toBeUndefined()
  })
})
