import { holdSession, postgres } from './postgres.ts'
import { keepsItsPromises } from './promises.ts'

keepsItsPromises(postgres, (spec) => {
  const session = holdSession(spec)
  return () => void session.kill()
})
