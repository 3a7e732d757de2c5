// An app that brings its own server: it starts one, holds a line to it, and is served by it.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const [server, stateDir] = process.argv.slice(2)

/** Where a server of this folder listens, if one does. */
function addressOf() {
  try {
    return JSON.parse(readFileSync(join(stateDir, 'running.json'), 'utf8')).url || undefined
  } catch {
    return undefined
  }
}

/** Whether it answers: a file may be left from before. */
async function answers(url) {
  return fetch(`${url}/api/health`).then(
    (response) => response.ok,
    () => false,
  )
}

async function findServer() {
  const url = addressOf()
  return url && (await answers(url)) ? url : undefined
}

if (!(await findServer())) {
  const child = spawn(process.execPath, [server], {
    // A session of its own: what ends the app must not end the server before its grace is over.
    detached: true,
    stdio: 'ignore',
    env: {
      ...process.env,
      // In Electron, so that `process.execPath` is a Node.
      ELECTRON_RUN_AS_NODE: '1',
      AI_CONDUCTOR_ADDR: '127.0.0.1:0',
      AI_CONDUCTOR_STATE_DIR: stateDir,
      AI_CONDUCTOR_DATA_DIR: join(stateDir, 'sessions'),
      AI_CONDUCTOR_OWNER: 'app',
    },
  })
  child.unref()
}

const socket = join(stateDir, 'supervise.sock')
let url
while (!url || !existsSync(socket)) {
  await wait(100)
  url = await findServer()
}

// The server ends five seconds after the last such line is gone, however the app ended.
const line = connect(socket)
line.on('error', () => {})
line.on('connect', () => process.stdout.write(`${url}\n`))
