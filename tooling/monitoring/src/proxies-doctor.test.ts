import { freePort, titled, whyMissing } from '@conductor/testing'
import { describe, expect, it } from 'vitest'
import type { AtTheEnd } from './program.ts'
import { AT_ROOT, BELOW, type Changes, type Place, startNginx } from './proxies.ts'
import { conductor, PASSWORD, startServer } from './server.ts'

const missing = whyMissing('nginx', 'openssl')

/** What the doctor says of the way through a real nginx with the file of the guide and these changes in it. */
async function diagnose(
  atTheEnd: AtTheEnd,
  where: Place,
  changes: Changes,
  serverBase = where.base,
): Promise<readonly string[]> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const server = await startServer(atTheEnd, {
    AI_CONDUCTOR_ALLOWED_ORIGINS: url,
    AI_CONDUCTOR_BASE_PATH: serverBase,
  })
  await startNginx(atTheEnd, server.address, { ...where, tls: false, port }, changes)
  const args = ['--state-dir', server.stateDir, 'doctor', '--url', url + where.base]
  const { code, output } = await conductor(atTheEnd, args, { AI_CONDUCTOR_PASSWORD: PASSWORD })
  const lines = output.split('\n').filter((line) => /^\S+ {2}proxy/.test(line))
  expect(code).toBe(lines.some((line) => line.startsWith('FAIL')) ? 1 : 0)
  return lines
}

describe.skipIf(missing).concurrent(titled('the doctor behind nginx', missing), () => {
  it.for([['at the root', AT_ROOT] as const, ['below a path', BELOW] as const])(
    'has nothing to say against the files of the guide, %s',
    { timeout: 90_000 },
    async ([_, place], { onTestFinished }) => {
      expect(await diagnose(onTestFinished, place, [])).toEqual([
        expect.stringMatching(/^PASS {2}proxy: .* leads to a server$/),
        'PASS  proxy: X-Forwarded-For: set',
        'PASS  proxy: WebSocket: passed on',
        expect.stringMatching(/^PASS {2}proxy: event stream: stays open/),
        expect.stringMatching(/^PASS {2}proxy: idle WebSocket: stays open/),
      ])
    },
  )

  it('sees that X-Forwarded-For is missing, and what is cut off too early', {
    timeout: 90_000,
  }, async ({ onTestFinished }) => {
    const found = await diagnose(onTestFinished, BELOW, [
      ['proxy_set_header X-Forwarded-For $remote_addr;', ''],
      ['proxy_read_timeout 30s;', 'proxy_read_timeout 2s;'],
    ])
    expect(found.slice(1)).toEqual([
      'FAIL  proxy: X-Forwarded-For: not set',
      'PASS  proxy: WebSocket: passed on',
      expect.stringMatching(/^FAIL {2}proxy: event stream: closed after [2-4]\.\d s of silence$/),
      expect.stringMatching(/^FAIL {2}proxy: idle WebSocket: closed after [2-4]\.\d s of silence$/),
    ])
  })

  it('sees that WebSockets are not passed on, and that events are held back', {
    timeout: 90_000,
  }, async ({ onTestFinished }) => {
    const found = await diagnose(onTestFinished, AT_ROOT, [
      ['proxy_set_header Upgrade $http_upgrade;', ''],
      // Without this the server would keep nginx from it.
      [
        'proxy_buffering off;',
        'proxy_ignore_headers X-Accel-Buffering; gzip on; gzip_types text/event-stream; gzip_proxied any;',
      ],
    ])
    expect(found).toContainEqual(expect.stringMatching(/^FAIL {2}proxy: WebSocket: not passed on/))
    expect(found).toContain('FAIL  proxy: event stream: held back by the proxy')
  })

  it('sees a path that only one of both knows, or that is taken away', {
    timeout: 90_000,
  }, async ({ onTestFinished }) => {
    expect(await diagnose(onTestFinished, BELOW, [], '')).toEqual([
      expect.stringMatching(/^FAIL {2}proxy: the server is not below \/conductor: /),
    ])
    expect(await diagnose(onTestFinished, AT_ROOT, [], '/tools')).toEqual([
      expect.stringMatching(/^FAIL {2}proxy: the server is elsewhere: .*\/tools\//),
    ])
    const slash: Changes = [
      ['proxy_http_version', 'rewrite ^/conductor(/.*) $1 break;\nproxy_http_version'],
    ]
    expect(await diagnose(onTestFinished, BELOW, slash)).toEqual([
      'FAIL  proxy: the proxy takes /conductor away',
    ])
  })
})
