import { createLink } from '../link/link.ts'

// An app with nothing to do: its link may not keep it from ending: node idle-app.js PATH

const link = createLink({ path: process.argv[2] ?? '', unref: true })
link.subscribe((connected) => connected && process.stdout.write('connected\n'))

// Long enough to connect.
const patience = setTimeout(() => {}, 1_000)
link.subscribe(() => clearTimeout(patience))
