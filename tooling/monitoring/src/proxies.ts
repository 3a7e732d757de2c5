import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { binary, freePort, temporaryFolder } from '@conductor/testing'
import { adapt } from './documents.ts'
import { type AtTheEnd, type Program, startProgram, waitFor } from './program.ts'
import { createVisitor, type Visitor } from './visitor.ts'

/** Where the files of the guide put a server, and with or without TLS. */
export interface Place {
  /** As the files name it. */
  readonly site: string
  /** Without a slash at its end; empty at the root. */
  readonly base: string
  readonly tls: boolean
  /** Where the proxy listens (default: one that is free). */
  readonly port?: number
}

export const AT_ROOT: Place = { site: 'conductor.example', base: '', tls: true }
export const BELOW: Place = { site: 'example.org', base: '/conductor', tls: true }

/** What stands in a file, and what a test wants there. */
export type Changes = readonly (readonly [string, string])[]

export interface RunningProxy {
  readonly program: Program
  readonly visitor: Visitor
  readonly port: number
  /** Makes it read its file again, as after a change; resolves when it serves with it. */
  reload(): Promise<void>
}

/**
 * Starts a proxy with the file of the guide before `address`.
 *
 * @param changes Beside the address, the port and the certificates: to show what a mistake does.
 */
export type StartProxy = (
  atTheEnd: AtTheEnd,
  address: string,
  place?: Place,
  changes?: Changes,
) => Promise<RunningProxy>

/** The settings of a server that is visited there. */
export function settingsFor({ site, base, tls }: Place): Readonly<Record<string, string>> {
  return {
    AI_CONDUCTOR_ALLOWED_ORIGINS: `${tls ? 'https' : 'http'}://${site}`,
    ...(base && { AI_CONDUCTOR_BASE_PATH: base }),
  }
}

export const startNginx: StartProxy = async (atTheEnd, address, place = AT_ROOT, changes = []) => {
  const { site, base, tls } = place
  const folder = temporaryFolder(atTheEnd)
  const { certPath, keyPath } = makeCertificate(folder, site)
  const port = place.port ?? (await freePort())
  mkdirSync(join(folder, 'tmp'))
  const certificate = `  ssl_certificate     /etc/ssl/${site}.crt;\n`
  const key = `  ssl_certificate_key /etc/ssl/${site}.key;\n`
  const config = adapt(`guides/proxy/nginx${base && '-below-a-path'}.conf`, [
    ['http://127.0.0.1:8080', `http://${address}`],
    ['listen 443 ssl', `listen 127.0.0.1:${port}${tls ? ' ssl' : ''}`],
    [certificate, tls ? `ssl_certificate ${certPath};` : ''],
    [key, tls ? `ssl_certificate_key ${keyPath};` : ''],
    ...changes,
  ])
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${folder}/tmp/${kind};`)
    .join('\n')
  // A worker that is replaced would keep its WebSockets for as long as they last.
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
pid ${folder}/nginx.pid;
error_log stderr notice;
worker_shutdown_timeout 1s;
events {}
http {
access_log off;
${temporary}
${config}
}
`,
  )
  const command = [
    ...[binary('nginx'), '-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')],
  ] as const
  return open(atTheEnd, { command: [...command], folder, port, place }, (program) => {
    const { status, stderr } = spawnSync(command[0] ?? '', [...command.slice(1), '-s', 'reload'])
    if (status !== 0) throw new Error(String(stderr))
    return waitFor(program, 'the old worker to be gone', () =>
      /gracefully shutting down[\s\S]*exited with code/.test(program.output),
    )
  })
}

export const startCaddy: StartProxy = async (atTheEnd, address, place = AT_ROOT, changes = []) => {
  const { site, base, tls } = place
  const folder = temporaryFolder(atTheEnd)
  const { certPath, keyPath } = makeCertificate(folder, site)
  const port = place.port ?? (await freePort())
  const admin = await freePort()
  const global = `{
	admin 127.0.0.1:${admin}
	auto_https off
	servers {
		protocols h1 h2
	}
}
`
  // Caddy would ask an authority for a certificate; here it is given one.
  const config = adapt(`guides/proxy/Caddyfile${base && '-below-a-path'}`, [
    ['127.0.0.1:8080', address],
    [
      `${site} {`,
      `${global}
${tls ? 'https' : 'http'}://${site}:${port} {
	bind 127.0.0.1
${tls ? `	tls ${certPath} ${keyPath}` : ''}`,
    ],
    ...changes,
  ])
  const path = join(folder, 'Caddyfile')
  writeFileSync(path, config)
  const args = ['--adapter', 'caddyfile', '--config', path]
  const command = [binary('caddy'), 'run', ...args] as const
  return open(atTheEnd, { command: [...command], folder, port, place }, async () => {
    const more = ['reload', '--force', '--address', `127.0.0.1:${admin}`, ...args]
    const { status, stderr } = spawnSync(command[0] ?? '', more)
    if (status !== 0) throw new Error(String(stderr))
  })
}

interface Start {
  readonly command: readonly string[]
  readonly folder: string
  readonly port: number
  readonly place: Place
}

async function open(
  atTheEnd: AtTheEnd,
  { command, folder, port, place }: Start,
  reload: (program: Program) => Promise<unknown>,
): Promise<RunningProxy> {
  const [file = '', ...args] = command
  const program = startProgram(atTheEnd, [file, ...args], folder)
  const ca = place.tls ? readFileSync(join(folder, 'site.crt'), 'utf8') : undefined
  const visitor = createVisitor({ ...place, port, ca })
  await waitFor(program, 'the proxy answers', () =>
    visitor.request('GET', '/api/health').catch(() => undefined),
  )
  return {
    ...{ program, visitor, port },
    reload: async () => void (await reload(program)),
  }
}

interface Certificate {
  readonly certPath: string
  readonly keyPath: string
}

function makeCertificate(folder: string, site: string): Certificate {
  const [certPath, keyPath] = [join(folder, 'site.crt'), join(folder, 'site.key')]
  const { status, stderr } = spawnSync(
    binary('openssl'),
    [
      ...['req', '-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
      ...['-days', '1', '-subj', `/CN=${site}`, '-addext', `subjectAltName=DNS:${site}`],
      ...['-keyout', keyPath, '-out', certPath],
    ],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(stderr)
  return { certPath, keyPath }
}
