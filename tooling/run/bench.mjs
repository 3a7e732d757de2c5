import './need-node.mjs'
import { runEntry } from './run-entry.mjs'

// npm run bench: the benchmarks. Arguments after `--` are theirs.

await runEntry(
  'bench',
  ['conductor', 'bare', 'pm2'].map((name) => `supervision/managers/${name}`),
)
