import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { binary, freePort, whyMissing } from '@conductor/testing'
import { LIVENESS, type RealDaemon } from './real-daemon.ts'
import { SOON } from './world.ts'

/** A master and two workers that answer on a port. */
export const nginx: RealDaemon = {
  name: 'nginx',
  missing: whyMissing('nginx'),
  farewell: /signal 3 \(SIGQUIT\)[\s\S]* exit$/m,
  async prepare(folder) {
    const port = await freePort()
    writeNginxConfig(folder, `127.0.0.1:${port}`)
    const url = `http://127.0.0.1:${port}/`
    const probe = { kind: 'http', url, expect: 'served' } as const
    return {
      spec: {
        name: 'nginx',
        command: binary('nginx'),
        args: nginxArgs(folder),
        cwd: folder,
        ready: { kind: 'check', check: { probe, periodMs: 50 } },
        liveness: { probe, ...LIVENESS },
        stop: { signal: 'SIGQUIT', graceMs: 10_000 },
        restart: SOON,
      },
      ask: async () => (await fetch(url, { headers: { connection: 'close' } })).text(),
    }
  },
}

/** Before its configuration is read nginx writes to the system's log: `-e` says otherwise. */
export function nginxArgs(folder: string): string[] {
  return ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')]
}

/** Everything that it writes is in the folder, its words go to its output. */
export function writeNginxConfig(folder: string, listen: string, accessLog = 'off'): void {
  mkdirSync(join(folder, 'tmp'), { recursive: true })
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `  ${kind}_temp_path ${folder}/tmp/${kind};`)
    .join('\n')
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off;
worker_processes 2;
pid ${folder}/nginx.pid;
error_log stderr notice;
events { worker_connections 64; }
http {
${temporary}
  large_client_header_buffers 4 16k;
  log_format loud '$request $http_x_line';
  access_log ${accessLog};
  server {
    listen ${listen};
    location / { return 200 "served\\n"; }
  }
}
`,
  )
}
