import { decodeServerFrame, encodeClientFrame, SUBPROTOCOL } from '@conductor/protocol'

const socket = new WebSocket('ws://127.0.0.1:8080/ws/s1', SUBPROTOCOL)
socket.binaryType = 'arraybuffer'
socket.onopen = () => {
  socket.send(encodeClientFrame({ type: 'hello', version: 1, clientId: 'c0ffee' }))
  const place = { channel: 1, session: '', epoch: '', have: 0 }
  const view = { cols: 80, rows: 24, mode: 'viewer' } as const
  socket.send(encodeClientFrame({ type: 'attach', ...place, ...view }))
}
socket.onmessage = (event) => {
  const frame = decodeServerFrame(new Uint8Array(event.data))
  if (frame.type === 'output') process.stdout.write(frame.bytes)
  if (frame.type === 'exit') process.exitCode = frame.code
}
