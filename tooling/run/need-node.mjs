// Imported first by every script here, so that an old Node says what is wrong and not what it tripped over.

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`Conductor needs Node 20.19 or newer; this is ${process.version}.\n`)
  process.exit(1)
}
