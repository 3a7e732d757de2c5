import { holdSession, postgres } from './postgres.ts'
import { keepsItsPromises } from './promises.ts'

keepsItsPromises(postgres, holdSession)
