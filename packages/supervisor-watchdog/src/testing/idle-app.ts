import { createLink } from '../link/link.ts'

// An app with nothing to do: its link may not keep it from ending: node idle-app.js PATH PATIENCE_MS

const link = createLink({ path: process.argv[2] ?? '', unref: true })
link.subscribe((connected) => connected && process.stdout.write('connected\n'))

// Something else to do until it is connected.
const patience = setTimeout(() => {}, Number(process.argv[3]))
link.subscribe(() => clearTimeout(patience))
