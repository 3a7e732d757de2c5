import type { HealthKind } from '../health-report.ts'
import type { Health } from '../registry.ts'
import { HEALTH_JSON, renderHealthJson } from './health-json.ts'
import { type RenderOptions, renderPlain, renderVerbose } from './verbose.ts'

/**
 * Answers a request for one of the three questions: 200 when healthy, else 503.
 *
 * `?verbose` shows each check, `?exclude=a&exclude=b` or `?exclude=a,b` leaves some out, and
 * `Accept: application/health+json` gets JSON. It is made of the platform's `Request` and `Response`
 * alone, so it fits any framework that has them.
 */
export async function healthResponse(
  health: Health,
  kind: HealthKind,
  request: Request,
  options: RenderOptions = {},
): Promise<Response> {
  const { searchParams } = new URL(request.url)
  const exclude = searchParams.getAll('exclude').flatMap((names) => names.split(','))
  const report = await health.check(kind, { exclude: exclude.filter((name) => name !== '') })
  const json = request.headers.get('accept')?.includes(HEALTH_JSON) ?? false
  const body = json
    ? JSON.stringify(renderHealthJson(report, options))
    : searchParams.has('verbose')
      ? renderVerbose(report, options)
      : renderPlain(report, options)
  return new Response(body, {
    status: report.healthy ? 200 : 503,
    headers: {
      'Content-Type': json ? HEALTH_JSON : 'text/plain; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      Vary: 'Accept',
    },
  })
}
