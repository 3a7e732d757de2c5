import { keepsItsPromises } from './promises.ts'
import { python } from './python.ts'

keepsItsPromises(python)
