import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@conductor/testing'
import { binary } from './binaries.ts'
import { adapt } from './documents.ts'
import { type AtTheEnd, freePort, startProgram, waitFor } from './program.ts'
import { createVisitor, type Visitor } from './visitor.ts'

/** As the files of the guide name the site. */
export const SITE = 'conductor.example'

interface Certificate {
  readonly certPath: string
  readonly keyPath: string
}

/** Starts a proxy with the file of the guide before `address`, and visits the site through it. */
export type StartProxy = (atTheEnd: AtTheEnd, address: string) => Promise<Visitor>

export const startNginx: StartProxy = async (atTheEnd, address) => {
  const folder = temporaryFolder(atTheEnd)
  const { certPath, keyPath } = makeCertificate(folder)
  const port = await freePort()
  mkdirSync(join(folder, 'tmp'))
  const site = adapt('guides/proxy/nginx.conf', [
    ['127.0.0.1:8080', address],
    ['listen 443 ssl', `listen 127.0.0.1:${port} ssl`],
    [`/etc/ssl/${SITE}.crt`, certPath],
    [`/etc/ssl/${SITE}.key`, keyPath],
  ])
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${folder}/tmp/${kind};`)
    .join('\n')
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off;
pid ${folder}/nginx.pid;
error_log stderr;
events {}
http {
access_log off;
${temporary}
${site}
}
`,
  )
  const args = ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')]
  return visit(atTheEnd, [binary('nginx'), ...args], folder, port)
}

export const startCaddy: StartProxy = async (atTheEnd, address) => {
  const folder = temporaryFolder(atTheEnd)
  const { certPath, keyPath } = makeCertificate(folder)
  const port = await freePort()
  // Caddy would ask an authority for a certificate; here it is given one.
  const config = adapt('guides/proxy/Caddyfile', [
    ['127.0.0.1:8080', address],
    [
      `${SITE} {`,
      `{
	admin off
	auto_https off
	servers {
		protocols h1 h2
	}
}

https://${SITE}:${port} {
	bind 127.0.0.1
	tls ${certPath} ${keyPath}`,
    ],
  ])
  const path = join(folder, 'Caddyfile')
  writeFileSync(path, config)
  const args = ['run', '--adapter', 'caddyfile', '--config', path]
  return visit(atTheEnd, [binary('caddy'), ...args], folder, port)
}

async function visit(
  atTheEnd: AtTheEnd,
  command: readonly [string, ...string[]],
  folder: string,
  port: number,
): Promise<Visitor> {
  const program = startProgram(atTheEnd, command, folder)
  const ca = readFileSync(join(folder, 'site.crt'), 'utf8')
  const visitor = createVisitor({ site: SITE, port, ca })
  await waitFor(program, 'the proxy answers', async () => {
    const answer = await visitor.request('GET', '/api/health').catch(() => undefined)
    return answer?.status === 200
  })
  return visitor
}

function makeCertificate(folder: string): Certificate {
  const [certPath, keyPath] = [join(folder, 'site.crt'), join(folder, 'site.key')]
  const { status, stderr } = spawnSync(
    binary('openssl'),
    [
      ...['req', '-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
      ...['-days', '1', '-subj', `/CN=${SITE}`, '-addext', `subjectAltName=DNS:${SITE}`],
      ...['-keyout', keyPath, '-out', certPath],
    ],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(stderr)
  return { certPath, keyPath }
}
