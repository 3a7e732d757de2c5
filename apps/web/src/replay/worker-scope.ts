import { installByteBuffer } from './byte-buffer.ts'

// Imported first, for its effect: what is imported after it may need it at once.
installByteBuffer()

// xterm.js, without a screen, asks a window whether it has idle callbacks; a worker has none of both.
const scope = globalThis as { window?: unknown }
scope.window ??= globalThis
