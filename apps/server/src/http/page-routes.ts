import type { Auth } from '../auth/auth.ts'
import type { App } from './documented.ts'
import { requireLogin } from './guards.ts'
import type { WebFiles } from './web-files.ts'

const NOT_BUILT = 'The web client has not been built: run "npm start", or "npm run build", once.\n'

/** `/` is the login page, `/terminal` the app, `/share` for guests; everything else that the client was built into. */
export function addPageRoutes(app: App, web: WebFiles, auth: Auth): void {
  app.get('/', (c) => web.answer(c, '/index.html') ?? c.text(NOT_BUILT, 503))
  // Anybody's: whether its link opens anything is decided when the page claims it.
  app.get('/share', (c) => web.answer(c, '/share.html') ?? c.text(NOT_BUILT, 503))
  // Kept by browsers, and shown where the server cannot be reached.
  app.get('/offline', (c) => web.answer(c, '/offline.html') ?? c.text(NOT_BUILT, 503))
  app.get(
    '/terminal',
    requireLogin(auth),
    (c) => web.answer(c, '/terminal.html') ?? c.text(NOT_BUILT, 503),
  )
  app.get('*', async (c, next) => {
    const isPage = c.req.path.endsWith('.html')
    const answer = isPage ? undefined : web.answer(c, c.req.path)
    if (answer) return answer
    await next()
    return undefined
  })
}
