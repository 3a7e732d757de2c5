import { expect, it, onTestFinished } from 'vitest'
import { testServer } from '../testing/test-server.ts'

it('the metrics say what /livez and /readyz say, check by check', async () => {
  const server = await testServer(onTestFinished)
  const lines = (await (await fetch(`${server.url}/metrics`)).text()).split('\n')
  for (const kind of ['live', 'ready']) {
    expect(lines).toContain(`conductor_health{kind="${kind}"} 1`)
    const verbose = await (await fetch(`${server.url}/${kind}z?verbose`)).text()
    const checks = [...verbose.matchAll(/^\[\+\](\S+) ok$/gm)].map(([, name]) => name)
    expect(checks.length).toBeGreaterThan(1)
    for (const check of checks)
      expect(lines).toContain(
        `conductor_health_check_status{check="${check}",kind="${kind}",status="pass"} 1`,
      )
  }
})
