import './need-node.mjs'
import { runEntry } from './run-entry.mjs'

// npm run chaos: fault injection at its long setting. `-- --minutes 10 --seed 7` and the like are its own.

await runEntry('chaos')
