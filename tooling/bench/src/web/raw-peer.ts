import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { spawn } from 'node-pty'
import { WebSocketServer } from 'ws'

const require = createRequire(import.meta.url)

/** A page with nothing but a terminal: what no web terminal can be faster than. */
const PAGE = `<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="xterm.css">
<style>html, body, #terminal { height: 100%; margin: 0 }</style><div id="terminal"></div>
<script src="xterm.js"></script><script>
const terminal = new Terminal({ cols: 80, rows: 24, fontSize: 14 })
terminal.open(document.getElementById('terminal'))
const socket = new WebSocket('ws://' + location.host + '/ws')
socket.binaryType = 'arraybuffer'
socket.onmessage = ({ data }) => terminal.write(new Uint8Array(data))
terminal.onData((data) => socket.send(data))
terminal.focus()
</script>`

export interface RawPeer {
  readonly url: string
  close(): Promise<void>
}

/**
 * The command in a pty, its bytes as they come in a WebSocket, and the same xterm.js in a bare page: as ttyd
 * does it, without even a protocol. No log, no host, no acknowledgement, nobody to log in.
 */
export async function startRawPeer([file = '', ...args]: readonly string[]): Promise<RawPeer> {
  const style = readFileSync(require.resolve('@xterm/xterm/css/xterm.css'))
  const script = readFileSync(require.resolve('@xterm/xterm'))
  const http = createServer(({ url }, response) => {
    if (url === '/xterm.js') response.setHeader('content-type', 'text/javascript').end(script)
    else if (url === '/xterm.css') response.setHeader('content-type', 'text/css').end(style)
    else if (url === '/') response.setHeader('content-type', 'text/html').end(PAGE)
    else response.writeHead(204).end()
  })
  const sockets = new WebSocketServer({ server: http })
  sockets.on('connection', (socket) => {
    const pty = spawn(file, args, { cols: 80, rows: 24, encoding: null })
    // With `encoding: null` these are buffers, whatever the types say.
    pty.onData((data) => socket.send(data))
    socket.on('message', (data) => pty.write(String(data)))
    socket.on('close', () => pty.kill())
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const address = http.address()
  if (typeof address !== 'object' || address === null) throw new Error('the raw peer has no port')
  return {
    url: `http://127.0.0.1:${address.port}/`,
    async close() {
      for (const socket of sockets.clients) socket.terminate()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}
