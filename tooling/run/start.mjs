import './need-node.mjs'
import { pathToFileURL } from 'node:url'
import { build } from './build.mjs'
import { root, say } from './command.mjs'
import { install } from './install.mjs'

// npm start: installs, builds, serves. The server runs in this very process, so that signals and the
// exit code are its own.

await install()
say('Building ...')
await build(['@conductor/server...', '@conductor/web...', '@conductor/cli...'])
await import(pathToFileURL(`${root}/apps/server/dist/main.js`).href)
